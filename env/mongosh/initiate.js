// Makes mongo1..3 one replica set, then waits for its primary; run again, it changes nothing.
try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({
    _id: "rs0",
    members: ["mongo1", "mongo2", "mongo3"].map((name, number) => ({_id: number, host: `${name}:27017`})),
    settings: {electionTimeoutMillis: 2000},
  });
}
while (!rs.status().members.some((member) => member.stateStr === "PRIMARY")) sleep(200);

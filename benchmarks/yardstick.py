"""The writes of one purchase in raw pymongo, for as long and with as many clients as the API is given."""
import copy
import multiprocessing
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from bson import ObjectId
from pymongo import MongoClient, ReturnDocument
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

PROCESSES = 2
THREADS = 8
"""Two times eight, like config/gunicorn.py."""


class Pattern(ABC):
    """What is to be done again and again in a database, and the wallets that can pay for it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.wallets = [row["_id"] for row in database.wallets.find({"balance": {"$gt": 10_000_000}}, {"_id": 1})]

    @abstractmethod
    def purchase(self, client: MongoClient, chance: random.Random) -> None:
        """One purchase."""


def measure(mongo_uri: str, seconds: float, pattern: type[Pattern] | None = None) -> dict:
    """Purchases a second, p50 and p99 in milliseconds, of 16 clients that do nothing but `pattern`: a recharge's."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        runs = pool.starmap(_process, [(mongo_uri, seconds, pattern or Recharging)] * PROCESSES)
    times = sorted(duration for run, _ in runs for duration in run)
    cpu = sum(spent for _, spent in runs)
    return {"rate": len(times) / seconds, "p50": times[len(times) // 2] * 1000,
            "p99": times[int(len(times) * 0.99)] * 1000, "errors": 0, "api": cpu / len(times) * 1000, "mongod": 0.0}


def _process(mongo_uri: str, seconds: float, kind: type[Pattern]) -> tuple[list[float], float]:
    client: MongoClient = MongoClient(mongo_uri, tz_aware=True, w="majority", maxPoolSize=64)
    database = client.get_default_database("purser")
    pattern = kind(database)
    times: list[float] = []
    end, started_cpu = time.monotonic() + seconds, time.process_time()

    def work() -> None:
        chance = random.Random()  # unseeded: every round stores new keys
        while time.monotonic() < end:
            started = time.perf_counter()
            pattern.purchase(client, chance)
            times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.process_time() - started_cpu


class Recharging(Pattern):
    """The documents that a purchase through the API stored, to be stored again under other ids."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.recharge = database.recharges.find_one({"payment_status": "success", "payment_method": "online"})
        entries = {entry["kind"]: entry for entry in database.ledger_entries.find(
            {"reference": {"$regex": f"^recharge:{self.recharge['_id']}:"}})}
        self.charge, self.success = entries["recharge.charge"], entries["recharge.success"]
        self.event = database.events.find_one({"subject": f"recharge:{self.recharge['_id']}"})

    def purchase(self, client: MongoClient, chance: random.Random) -> None:
        key, wallet = chance.getrandbits(60), chance.choice(self.wallets)
        transaction(client, lambda session: self._charge(session, key, wallet))
        transaction(client, lambda session: self._deliver(session, key))

    def _charge(self, session, key: int, wallet: int) -> None:
        net = -min(leg["amount"] for leg in self.charge["legs"])
        paid = self.database.wallets.find_one_and_update(
            {"_id": wallet, "balance": {"$gte": net}}, {"$inc": {"balance": -net, "seq": 1}},
            return_document=ReturnDocument.AFTER, session=session)
        self._insert_entry(self.charge, f"bench:{key}:charge", session,
                           [{**leg, "account": f"wallet:{wallet}", "seq": paid["seq"]} if "seq" in leg else leg
                            for leg in self.charge["legs"]])
        recharge = copy.deepcopy(self.recharge)
        recharge |= {"_id": key, "transaction_id": f"bench-{key}", "payment_status": "pending",
                     "lease_until": recharge["created_at"], "next_check_at": recharge["created_at"]}
        self.database.recharges.insert_one(recharge, session=session)

    def _deliver(self, session, key: int) -> None:
        self.database.recharges.find_one_and_update(
            {"_id": key, "attempts": {"$elemMatch": {"number": 1}}},
            {"$set": {"attempts.$.status": "success", "payment_status": "success",
                      "completed_at": self.recharge["completed_at"]},
             "$unset": {"lease_until": "", "next_check_at": ""}},
            return_document=ReturnDocument.AFTER, session=session)
        self._insert_entry(self.success, f"bench:{key}:success", session, self.success["legs"])
        self.database.events.insert_one(
            {**self.event, "_id": ObjectId(), "subject": f"recharge:{key}"}, session=session)

    def _insert_entry(self, entry: dict, reference: str, session, legs: list[dict]) -> None:
        self.database.ledger_entries.insert_one(
            {**entry, "_id": ObjectId(), "reference": reference, "legs": legs}, session=session)


def transaction(client: MongoClient, work: Callable) -> None:
    while True:
        with client.start_session() as session:
            session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))
            try:
                work(session)
                session.commit_transaction()
                return
            except PyMongoError as error:
                session.abort_transaction()
                if not error.has_error_label("TransientTransactionError"):
                    raise

// What a person may ask in the Mongo shell: mongosh "$MONGO_URI" --shell env/mongosh/ops.js
// Each asks a view that `flask db sync` keeps, so the shell and the API give the same answer. Amounts are minor units.
// The names are assigned, not declared: with load("env/mongosh/ops.js") a declared one would stay inside this file.

/** Wallets whose balance differs from the sum of their entries; none when the books are right. */
globalThis.ledgerDrift = () => db.ops_wallet_drift.find().toArray();

/** Instalments whose due moment has passed and that are unpaid, oldest first. */
globalThis.overdue = (most = 50) => db.ops_overdue.find().sort({ due_date: 1 }).limit(most).toArray();

/** What was collected in a month of the business such as "2026-11" (default: this one in UTC), by method. */
globalThis.collections = (month = new Date().toISOString().slice(0, 7)) =>
  db.ops_collections.find({ month }).sort({ method: 1 }).toArray();

/** The best referrers: period "week", "month" or "all"; metric "count", "cash" or "points". */
globalThis.leaderboard = (period = "month", metric = "count", most = 10) =>
  db.ops_leaderboard.find({ span: period, [metric]: { $gt: 0 } })
    .sort({ [metric]: -1, [`${metric}_at`]: 1, user: 1 }).limit(most).toArray();

/** Everybody who came through this user, at any depth: who, through whom, when. */
globalThis.referralTree = (user) => (db.ops_referral_tree.findOne({ _id: user }) ?? { people: [] }).people;

/** Rewards that wait for an admin, with the reasons. */
globalThis.heldRewards = (most = 50) => db.ops_rewards_held.find().sort({ created_at: 1 }).limit(most).toArray();

// Helpers for a person in the Mongo shell: mongosh "$MONGO_URI" --shell env/mongosh/ops.js
// Each asks a view that `flask db sync` keeps, so the shell and the API give the same answer.

/** Wallets whose balance differs from the sum of their entries; none when the books are right. */
function ledgerDrift() {
  return db.ops_wallet_drift.find().toArray();
}

/** Instalments that are due and unpaid, oldest first. */
function overdue(most = 50) {
  return db.ops_overdue.find().limit(most).toArray();
}

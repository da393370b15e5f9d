// Questions for a person in the Mongo shell:  mongosh "$MONGO_URI" --file env/mongosh/ops.js --shell
// They read the same views that `flask db sync` publishes. Amounts are minor units (paise, cents).

/** Unpaid instalments whose due moment has passed, the oldest first. */
function overdue(limit = 50) {
  return db.ops_overdue.find().sort({ due_date: 1 }).limit(limit);
}

/** What was collected in a month such as "2026-11" (default: this one in UTC), by method.
 * Months are those of the business time zone. */
function collections(month = new Date().toISOString().slice(0, 7)) {
  return db.ops_collections.find({ month }).sort({ method: 1 });
}

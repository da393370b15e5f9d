"""Checks that the audit list and the ledger tell the same story about what staff moved."""
from collections.abc import Iterator

from documents.ledger import LedgerEntry
from documents.staff_actions import StaffAction, Status
from documents.transactions import current_session
from services import reversals
from services.verification.batches import batches


def unbooked_actions() -> Iterator[str]:
    """Actions that say they are done, or not, of which the ledger says otherwise."""
    found = StaffAction.collection().find(
        {"result.entry": {"$exists": True}}, {"result.entry": 1, "status": 1}, session=current_session())
    for batch in batches(found):
        booked = _booked([row["result"]["entry"] for row in batch])
        for row in batch:
            if (row["status"] == Status.DONE) != (row["result"]["entry"] in booked):
                yield f"action {row['_id']} is {row['status']}, its entry is {row['result']['entry']}"


def unasked_reversals() -> Iterator[str]:
    """Reversals of entries that no line of the audit list asked for."""
    prefix = reversals.KIND
    found = LedgerEntry.collection().find({"reference": {"$gte": f"{prefix}:", "$lt": f"{prefix};"}}, {"reference": 1},
                                          session=current_session())
    for batch in batches(found):
        names = {row["reference"].removeprefix(f"{prefix}:") for row in batch}
        done = {row["_id"] for row in StaffAction.collection().find(
            {"_id": {"$in": list(names)}, "status": Status.DONE.value}, {"_id": 1}, session=current_session())}
        yield from (f"no action asks for entry {prefix}:{name}" for name in sorted(names - done))


def _booked(references: list[str]) -> set[str]:
    rows = LedgerEntry.collection().find(
        {"reference": {"$in": references}}, {"reference": 1}, session=current_session())
    return {row["reference"] for row in rows}

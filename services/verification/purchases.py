"""Checks that purchases on instalments and their ledger entries tell the same story."""
from collections.abc import Iterator

from documents.ledger import LedgerEntry
from documents.purchases import Purchase, Status
from documents.transactions import current_session
from services.installment_books import KINDS, LATE_FEES, SALES
from services.verification.batches import batches

Sums = tuple[int, int, int]
"""Goods, late fees, and what the payer gave for both: minor units."""


def wrong_schedules() -> Iterator[str]:
    """Purchases whose schedule does not add up, or whose figures do not follow from their payments."""
    for row in _purchases({}):
        name, parts = f"purchase {row['_id']}", row["installments"]
        if sum(part["amount"] for part in parts) != row["total_price"]:
            yield f"{name} costs {row['total_price']}, its schedule another sum"
        if row["status"] != (Status.DUE if any(part["status"] == Status.DUE for part in parts) else Status.PAID):
            yield f"{name} says {row['status']}, its instalments do not"
        yield from (f"{name} instalment {part['number']} {fault}" for part in parts for fault in _faults(part))


def disagreeing_purchases() -> Iterator[str]:
    """Purchases that lack an entry or have another than their payments ask for."""
    for batch in batches(_purchases({})):
        wanted = {name: sums for row in batch for name, sums in _wanted(row).items()}
        booked = _booked({"reference": {"$in": list(wanted)}})
        for name, sums in wanted.items():
            if booked.get(name) != sums:
                yield f"payment {name} is {sums}, the ledger has {booked.get(name)}"


def stray_purchase_entries() -> Iterator[str]:
    """Entries that speak of a purchase and that no payment asks for."""
    found = LedgerEntry.collection().find({"kind": {"$in": KINDS}}, {"reference": 1}, session=current_session())
    for batch in batches(found):
        owners = {int(entry["reference"].split(":")[1]) for entry in batch}
        wanted = {name for row in _purchases({"_id": {"$in": list(owners)}}) for name in _wanted(row)}
        yield from (f"no payment asks for entry {entry['reference']}"
                    for entry in batch if entry["reference"] not in wanted)


def _faults(part: dict) -> Iterator[str]:
    paid = sum(payment["amount"] for payment in part["payments"])
    fees = sum(payment["fee"] for payment in part["payments"])
    if part["due_amount"] != part["amount"] - paid:
        yield f"says {part['due_amount']} is due, its payments leave {part['amount'] - paid}"
    if (part["late_fee"], part["paid_amount"]) != (fees, paid + fees):
        yield f"says {part['paid_amount']} was paid with a late fee of {part['late_fee']}, its payments say otherwise"
    if (part["status"] == Status.PAID) != (part["due_amount"] == 0):
        yield f"says {part['status']} with {part['due_amount']} due"


def _wanted(row: dict) -> dict[str, Sums]:
    wanted: dict[str, Sums] = {}
    for part in row["installments"]:
        for payment in part["payments"]:
            goods, fees, _ = wanted.get(payment["reference"], (0, 0, 0))
            goods, fees = goods + payment["amount"], fees + payment["fee"]
            wanted[payment["reference"]] = goods, fees, -goods - fees
    return wanted


def _booked(match: dict) -> dict[str, Sums]:
    rows = LedgerEntry.collection().find(match, {"reference": 1, "legs": 1}, session=current_session())
    return {row["reference"]: _sums({leg["account"]: leg["amount"] for leg in row["legs"]}) for row in rows}


def _sums(legs: dict[str, int]) -> Sums:
    return legs.pop(SALES, 0), legs.pop(LATE_FEES, 0), sum(legs.values())


def _purchases(match: dict) -> Iterator[dict]:
    # Rows, not MongoEngine documents: a grown installation has millions of instalments.
    wanted = {"total_price": 1, "status": 1, "installments": 1}
    return Purchase.collection().find(match, wanted, session=current_session(), sort=[("_id", 1)])

"""Checks that payments, their refunds and their entries tell the same story."""
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from documents.ledger import LedgerEntry
from documents.payments import PAID, Payment
from documents.refunds import Refund, Status
from documents.transactions import current_session
from services.ledger import Leg
from services.payment_books import capture_legs, capture_reference, refund_legs, refund_reference
from services.verification.batches import batches


def disagreeing_payments() -> Iterator[str]:
    """Paid payments without the entry they ask for, and entries of payments that were not paid."""
    paid = Payment.collection().find({"status": {"$in": [*PAID]}}, session=current_session())
    yield from _disagreeing("payment", paid, capture_reference, lambda row: capture_legs(as_payment(row)))


def disagreeing_refunds() -> Iterator[str]:
    """Completed refunds without the entry they ask for, and entries of refunds that were not completed."""
    def legs(row: dict) -> list[Leg]:
        refund: Any = SimpleNamespace(
            amount=row["amount"], subsidy=row["subsidy"], into=row.get("into"), out_of=row.get("out_of"))
        return refund_legs(as_payment(row["of"]), refund)

    found = Refund.collection().aggregate([
        {"$match": {"status": Status.COMPLETED}},
        {"$lookup": {"from": "payments", "localField": "payment", "foreignField": "_id", "as": "of"}},
        {"$unwind": "$of"}], session=current_session())
    yield from _disagreeing("refund", found, refund_reference, legs)


def stray_entries() -> Iterator[str]:
    """Entries that speak of a payment that is not paid, or of a refund that is not completed."""
    for prefix, document, ends in (("payment", Payment, PAID), ("refund", Refund, (Status.COMPLETED,))):
        found = LedgerEntry.collection().find(
            {"reference": {"$gte": f"{prefix}:", "$lt": f"{prefix};"}}, {"reference": 1}, session=current_session())
        for batch in batches(found):
            ids = [entry["reference"].split(":")[1] for entry in batch]
            known = {row["_id"] for row in document.collection().find(
                {"_id": {"$in": ids}, "status": {"$in": [*ends]}}, {"_id": 1}, session=current_session())}
            yield from (f"no {prefix} asks for entry {entry['reference']}"
                        for entry, owner in zip(batch, ids, strict=True) if owner not in known)


def wrong_refund_sums() -> Iterator[str]:
    """Payments whose refunds add up to something else than they say, or to more than was taken."""
    def of(status: Status) -> dict:
        return {"$sum": {"$cond": [{"$eq": ["$status", status]}, "$amount", 0]}}

    sums = {row["_id"]: row for row in Refund.collection().aggregate([
        {"$match": {"status": {"$in": [Status.COMPLETED, Status.PROCESSING]}}},
        {"$group": {"_id": "$payment", "done": of(Status.COMPLETED), "open": of(Status.PROCESSING)}},
    ], session=current_session())}
    touched = {"$or": [{"refunded": {"$gt": 0}}, {"refunding": {"$gt": 0}}]}
    for row in Payment.collection().find(touched, session=current_session()):
        found = sums.pop(row["_id"], {"done": 0, "open": 0})
        if (row["refunded"], row["refunding"]) != (found["done"], found["open"]):
            yield (f"payment {row['_id']} says {row['refunded']} refunded and {row['refunding']} reserved, "
                   f"its refunds say {found['done']} and {found['open']}")
        if row["refunded"] + row["refunding"] > row["captured"]:
            yield f"payment {row['_id']} gave back more than its {row['captured']}"
    yield from (f"payment {payment} knows nothing of its refunds" for payment in sums)


def unattempted_payments() -> Iterator[str]:
    """Paid payments of a merchant that do not have exactly one attempt that took the money."""
    found = Payment.collection().aggregate([
        {"$match": {"status": {"$in": [*PAID]}, "merchant": {"$gt": 0}}}, {"$project": {"_id": 1}},
        {"$lookup": {"from": "payment_transactions", "localField": "_id", "foreignField": "payment", "as": "attempts",
                     "pipeline": [{"$match": {"status": {"$in": ["SUCCESS", "REFUNDED"]}}}, {"$project": {"_id": 1}}]}},
        {"$match": {"$expr": {"$ne": [{"$size": "$attempts"}, 1]}}}], session=current_session())
    yield from (f"payment {row['_id']} has {len(row['attempts'])} attempts that took its money" for row in found)


def as_payment(row: dict) -> Any:
    """What the books ask of a payment, from its row: a grown installation has millions."""
    coupon, gateway = row.get("coupon"), row.get("gateway")
    return SimpleNamespace(
        kind=row["kind"], merchant=row.get("merchant"), method=row.get("method"), wallet=row.get("wallet"),
        purpose=row.get("purpose") or {}, final_amount=row["final_amount"], captured=row["captured"],
        gateway=SimpleNamespace(name=gateway["name"]) if gateway else None,
        house_discount=row["discount"] if coupon and coupon["funded_by"] == "house" else 0)


def _disagreeing(kind: str, rows: Iterable[dict], reference: Callable[[str], str],
                 legs: Callable[[dict], list[Leg]]) -> Iterator[str]:
    for batch in batches(rows):
        wanted = {reference(row["_id"]): {leg.account: leg.amount for leg in legs(row)} for row in batch}
        booked = {entry["reference"]: {leg["account"]: leg["amount"] for leg in entry["legs"]}
                  for entry in LedgerEntry.collection().find(
                      {"reference": {"$in": list(wanted)}}, {"reference": 1, "legs": 1}, session=current_session())}
        for name, sums in wanted.items():
            if booked.get(name, {}) != sums:
                yield f"{kind} asks for entry {name} with {sums}, the ledger has {booked.get(name)}"

"""Checks of the money that goes through gateways."""
from collections.abc import Iterator

from documents.ledger import LedgerEntry
from documents.payments import PAID, Method, Payment
from documents.refunds import Refund, Status
from documents.transactions import current_session
from services.payment_books import gateway_account

THROUGH = [Method.CARD, Method.RAZORPAY]
PREFIX = gateway_account("")


def wrong_gateway_accounts() -> Iterator[str]:
    """Gateways whose account differs from the payments they took, less the refunds they paid."""
    wanted: dict[str, int] = {}
    for row in [*_taken(), *_paid_back()]:
        wanted[row["_id"]] = wanted.get(row["_id"], 0) + row["sum"]
    booked = {row["_id"].removeprefix(PREFIX): -row["sum"] for row in LedgerEntry.collection().aggregate([
        {"$match": {"legs.account": {"$gte": PREFIX, "$lt": "gateway;"}}}, {"$unwind": "$legs"},
        {"$match": {"legs.account": {"$gte": PREFIX, "$lt": "gateway;"}}},
        {"$group": {"_id": "$legs.account", "sum": {"$sum": "$legs.amount"}}}], session=current_session())}
    for name in sorted({*wanted, *booked}):
        if wanted.get(name, 0) != booked.get(name, 0):
            yield f"gateway {name} took {wanted.get(name, 0)} less refunds, its account says {booked.get(name, 0)}"


def unreturned_money() -> Iterator[str]:
    """Payments whose money was taken for nothing, and neither went back nor is on its way."""
    found = Payment.collection().find(
        {"withheld": True, "$expr": {"$ne": [{"$add": ["$refunded", "$refunding"]}, "$captured"]}},
        {"captured": 1}, session=current_session())
    yield from (f"payment {row['_id']} took {row['captured']} for nothing and has not given it back" for row in found)


def _taken() -> list[dict]:
    return Payment.collection().aggregate([
        {"$match": {"method": {"$in": THROUGH}, "status": {"$in": [*PAID]}}},
        {"$group": {"_id": "$gateway.name", "sum": {"$sum": "$captured"}}}], session=current_session()).to_list()


def _paid_back() -> list[dict]:
    return Refund.collection().aggregate([
        {"$match": {"method": {"$in": THROUGH}, "status": Status.COMPLETED, "into": None}},
        {"$lookup": {"from": "payments", "localField": "payment", "foreignField": "_id", "as": "of"}},
        {"$unwind": "$of"},
        {"$group": {"_id": "$of.gateway.name", "sum": {"$sum": {"$multiply": ["$amount", -1]}}}}],
        session=current_session()).to_list()

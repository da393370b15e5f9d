"""What the house took for its vouchers: real charges when they were taken, less refunds when they were given back."""
from datetime import datetime

from aggregations.spans import between

PAID = {"$in": ["SUCCESS", "REFUNDED"]}
VOUCHERS = {"purpose.kind": "voucher", "status": PAID}
_SUMS = {"revenue": {"$sum": "$amount"}, "payments": {"$sum": "$payments"}, "quantity": {"$sum": "$quantity"}}


def moves(since: datetime, until: datetime | None = None) -> list[dict]:
    """One row for each charge and each refund from `since` on: at, type, method, amount, payments, quantity.

    A refund's amount is below zero.

    Run on payments. Indexes: payments(purchases), refunds(completed_at), payments(_id).
    """
    return [
        {"$match": VOUCHERS | between("completed_at", since, until)},
        {"$project": {"_id": 0, "at": "$completed_at", "type": "$purpose.voucher_type", "method": 1,
                      "amount": "$captured", "payments": {"$literal": 1}, "quantity": "$purpose.quantity"}},
        {"$unionWith": {"coll": "refunds", "pipeline": [
            # What the house sells has no merchant: the refunds of all the tills need not be looked up.
            {"$match": {"status": "completed", "merchant": None} | between("completed_at", since, until)},
            {"$lookup": {"from": "payments", "localField": "payment", "foreignField": "_id", "as": "of",
                         "pipeline": [{"$match": VOUCHERS}, {"$project": {"purpose.voucher_type": 1}}]}},
            {"$unwind": "$of"},
            {"$project": {"_id": 0, "at": "$completed_at", "type": "$of.purpose.voucher_type", "method": 1,
                          "amount": {"$multiply": ["$amount", -1]}, "payments": {"$literal": 0},
                          "quantity": {"$literal": 0}}}]}},
    ]


def report(since: datetime, until: datetime, zone: str) -> list[dict]:
    """One row with three lists: `days` of `zone`, `types` and `methods`, each with revenue, payments and quantity."""
    day = {"$dateToString": {"date": "$at", "format": "%Y-%m-%d", "timezone": zone}}
    best_first = {"$sort": {"revenue": -1, "_id": 1}}
    return [*moves(since, until), {"$facet": {
        "days": [{"$group": {"_id": day, **_SUMS}}, {"$sort": {"_id": 1}}],
        "types": [{"$group": {"_id": "$type", **_SUMS}}, best_first, *with_type("_id")],
        "methods": [{"$group": {"_id": "$method", **_SUMS}}, best_first]}}]


def totals() -> list[dict]:
    """One row for each voucher type ever sold: what was charged for it and kept.

    Run on payments. Index: payments(purchases), which holds all that is read.
    """
    return [{"$match": VOUCHERS}, {"$project": {"_id": 0, "purpose.voucher_type": 1, "captured": 1, "refunded": 1}},
            {"$group": {"_id": "$purpose.voucher_type",
                        "revenue": {"$sum": {"$subtract": ["$captured", "$refunded"]}}}}]


def with_type(field: str) -> list[dict]:
    """Adds the name and the code that a voucher type has now. Index: voucher_types(_id)."""
    return [
        {"$lookup": {"from": "voucher_types", "localField": field, "foreignField": "_id", "as": "kind",
                     "pipeline": [{"$project": {"name": 1, "type_code": 1}}]}},
        {"$set": {"name": {"$first": "$kind.name"}, "type_code": {"$first": "$kind.type_code"}}}, {"$unset": "kind"}]

"""What merchants took, by day: finished days from the rollups, the rest from payments and refunds themselves."""
from datetime import datetime

PAID = {"$in": ["SUCCESS", "REFUNDED"]}
_FIGURES = ("captured", "refunded", "payments")
_SUMS = {name: {"$sum": f"${name}"} for name in _FIGURES}


def days_of(since: datetime, until: datetime | None, zone: str, merchant_id: int | None = None) -> list[dict]:
    """One row for each merchant and day of `zone` from `since` (included) to `until`: captured, refunded, payments.

    Run on payments. Indexes: payments(merchant, completed_at) or (completed_at); refunds alike.
    """
    span = {"$gte": since} if until is None else {"$gte": since, "$lt": until}
    match = {"completed_at": span, "merchant": {"$gt": 0} if merchant_id is None else merchant_id}
    day = {"$dateToString": {"date": "$completed_at", "format": "%Y-%m-%d", "timezone": zone}}
    return [
        {"$match": match | {"status": PAID}},
        {"$project": {"merchant": 1, "day": day, "captured": 1, "refunded": {"$literal": 0},
                      "payments": {"$literal": 1}}},
        {"$unionWith": {"coll": "refunds", "pipeline": [
            {"$match": match},
            {"$project": {"merchant": 1, "day": day, "captured": {"$literal": 0}, "refunded": "$amount",
                          "payments": {"$literal": 0}}}]}},
        {"$group": {"_id": {"merchant": "$merchant", "day": "$day"}, **_SUMS}},
        {"$project": {"_id": 0, "merchant": "$_id.merchant", "day": "$_id.day", **dict.fromkeys(_FIGURES, 1)}},
    ]


def taken(first_day: str, rolled_until: datetime, zone: str, since: datetime, merchant_id: int | None = None) -> list:
    """The rows of `days_of` from `first_day` (which begins at `since`) on, those before `rolled_until` from rollups.

    Run on merchant_days. Index: merchant_days(merchant, day) or (day, merchant).
    """
    match = {"day": {"$gte": first_day}} | ({} if merchant_id is None else {"merchant": merchant_id})
    fresh = days_of(max(since, rolled_until), None, zone, merchant_id)
    return [{"$match": match}, {"$project": {"_id": 0, "merchant": 1, "day": 1, **dict.fromkeys(_FIGURES, 1)}},
            {"$unionWith": {"coll": "payments", "pipeline": fresh}}]


def series(rows: list[dict]) -> list[dict]:
    """Of `taken`: one row a day, oldest first; days on which nothing happened are left out."""
    return [*rows, {"$group": {"_id": "$day", **_SUMS}}, {"$sort": {"_id": 1}},
            {"$project": {"day": "$_id", "revenue": {"$subtract": ["$captured", "$refunded"]}, "tx": "$payments"}}]


def total(rows: list[dict]) -> list[dict]:
    """Of `taken`: one row with everything added up."""
    return [*rows, {"$group": {"_id": None, **_SUMS}}]


def top(rows: list[dict], size: int) -> list[dict]:
    """Of `taken`: the merchants with the highest revenue, ties by id."""
    return [
        *rows, {"$group": {"_id": "$merchant", **_SUMS}},
        {"$set": {"revenue": {"$subtract": ["$captured", "$refunded"]}}},
        {"$sort": {"revenue": -1, "_id": 1}}, {"$limit": size},
        {"$lookup": {"from": "merchants", "localField": "_id", "foreignField": "_id", "as": "shop",
                     "pipeline": [{"$project": {"business_name": 1}}]}},
        {"$set": {"business_name": {"$first": "$shop.business_name"}}}, {"$unset": "shop"},
    ]


def paid_out(merchant_id: int) -> list[dict]:
    """What stands in a merchant's settlements by status. Run on settlements. Index: settlements(merchant, status)."""
    return [{"$match": {"merchant": merchant_id}}, {"$group": {"_id": "$status", "amount": {"$sum": "$amount"}}}]


TOP_MERCHANTS: list[dict] = top([
    {"$match": {"$expr": {"$gte": ["$day", {"$dateToString": {
        "date": {"$dateSubtract": {"startDate": "$$NOW", "unit": "day", "amount": 30}}, "format": "%Y-%m-%d"}}]}}},
], 50)
"""The board of the last thirty finished days, for the Mongo shell. Run on merchant_days."""

UNSETTLED: list[dict] = [
    {"$match": {"to_settle": True, "merchant": {"$gt": 0}}},
    {"$group": {"_id": "$merchant", "payments": {"$sum": 1}, "captured": {"$sum": "$captured"},
                "oldest": {"$min": "$completed_at"}}},
    {"$sort": {"oldest": 1, "_id": 1}},
]
"""Merchants whose payments wait for a settlement, the longest first. Run on payments."""

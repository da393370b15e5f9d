"""The figures of the voucher shop, each page in one round trip: parts of one aggregation, told apart by `part`."""
from datetime import datetime
from typing import Any

from aggregations import revenue
from aggregations.vouchers import counts, tally

_AGES = datetime(1970, 1, 1)  # noqa: DTZ001  MongoDB reads it as UTC; everything lies behind it
RECENT = 5


def dashboard(now: datetime, week: datetime, month: datetime) -> list[dict]:
    """Run on vouchers. Parts `vouchers` and `sales` by type, `types`, `usages`, `users`, and `money` by span.

    Indexes: vouchers(counts), voucher_usages(used_at, type), users(user_type, date_joined), payments and refunds as in
    aggregations/revenue.py.
    """
    def since(moment: datetime, value: Any = 1) -> dict:
        return {"$sum": {"$cond": [{"$gte": ["$at", moment]}, value, 0]}}

    return [
        # Nothing but what the index `counts` holds, so that no voucher itself is read.
        {"$match": {"issued_at": {"$gt": _AGES}}},
        {"$project": {"_id": 0, "issued_at": 1, "type.id": 1, "expires_at": 1, "uses_left": 1, "cancelled_at": 1}},
        {"$group": {"_id": "$type.id", **counts(now), "issued": tally({"$gte": ["$issued_at", week]})}},
        *_part("vouchers"),
        _with("payments", "sales", revenue.totals()),
        _with("payments", "money", [*revenue.moves(month), {"$group": {
            "_id": None, "month": {"$sum": "$amount"}, "week": since(week, "$amount"),
            "payments": since(week, "$payments")}}]),
        _with("voucher_types", "types", [{"$sort": {"_id": 1}},
                                         {"$project": {"name": 1, "type_code": 1, "price": 1}}]),
        _with("voucher_usages", "usages", [{"$match": {"used_at": {"$gte": week}}}, {"$count": "count"}]),
        _with("users", "users", [
            {"$match": {"user_type": {"$gte": 1}, "deleted_at": None}},
            {"$group": {"_id": None, "total": {"$sum": 1}, "new": tally({"$gte": ["$date_joined", week]}),
                        "active": tally({"$gte": ["$last_login", month]})}}]),
    ]


def person(user_id: int, held: dict, now: datetime) -> list[dict]:
    """Run on vouchers. Parts `summary`, `vouchers`, `usages`, `types`, `spent`, `bought` of one user.

    Indexes: vouchers(owner, issued_at), (phone, issued_at), (buyer, issued_at), voucher_usages(user, used_at),
    payments(user, created_at).
    """
    by_user = {"$match": {"user": user_id}}
    return [
        {"$match": held}, {"$group": {"_id": None, **counts(now)}}, *_part("summary"),
        _with("vouchers", "vouchers", [{"$match": held}, {"$sort": {"issued_at": -1, "_id": -1}}, {"$limit": RECENT},
                                       {"$unset": "log"}]),
        _with("voucher_usages", "usages", [by_user, {"$sort": {"used_at": -1, "_id": -1}}, {"$limit": RECENT}]),
        _with("voucher_usages", "types", [by_user, {"$group": {
            "_id": "$type", "name": {"$last": "$voucher_type_name"}, "type_code": {"$last": "$type_code"},
            "count": {"$sum": 1}}}, {"$sort": {"count": -1, "_id": 1}}]),
        _with("payments", "spent", [{"$match": revenue.VOUCHERS | {"user": user_id}}, {"$group": {
            "_id": None, "total": {"$sum": {"$subtract": ["$captured", "$refunded"]}}}}]),
        _with("vouchers", "bought", [{"$match": {"buyer": user_id, "cancelled_at": None}}, {"$count": "count"}]),
    ]


def _part(name: str) -> list[dict]:
    return [{"$set": {"part": name}}]


def _with(collection: str, name: str, pipeline: list[dict]) -> dict:
    return {"$unionWith": {"coll": collection, "pipeline": [*pipeline, *_part(name)]}}

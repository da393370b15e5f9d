"""Coupons in somebody's hands, in one round trip."""
from datetime import datetime


def assigned_to(phone: str, scope: dict, now: datetime, size: int) -> list[dict]:
    """The coupons assigned to `phone`, newest assignment first, that run at `now` and meet `scope`.

    Index: coupon_assignments(phone, created_at), coupons(_id).
    """
    running = {"is_active": True, "start_date": {"$lte": now}, "expiry_date": {"$gte": now}}
    return [
        {"$match": {"phone": phone}}, {"$sort": {"created_at": -1}}, {"$limit": size},
        {"$lookup": {"from": "coupons", "localField": "coupon", "foreignField": "_id", "as": "found",
                     "pipeline": [{"$match": {"$and": [running, scope]}}]}},
        {"$unwind": "$found"}, {"$replaceRoot": {"newRoot": "$found"}}]

"""Counting vouchers by the state they are in at a moment."""
from datetime import datetime

from documents.vouchers import Status

_CANCELLED = {"$gt": ["$cancelled_at", None]}
STATES = (Status.ACTIVE, Status.USED, Status.EXPIRED, Status.CANCELLED)


def totals(match: dict, now: datetime) -> list[dict]:
    """One row: how many vouchers meet `match`, by state, and the sum of their prices; none when there are none.

    Run on vouchers. Indexes: vouchers(owner, issued_at), vouchers(phone, issued_at).
    """
    return [{"$match": match}, {"$group": {"_id": None, **counts(now), "value": {"$sum": "$type.price"}}}]


def counts(now: datetime) -> dict:
    """Accumulators for a `$group` over vouchers: `total`, and one for each state at `now`."""
    live, left = {"$not": [_CANCELLED]}, {"$gt": ["$uses_left", 0]}
    good = {"$gte": ["$expires_at", now]}
    conditions = {Status.CANCELLED: _CANCELLED, Status.USED: {"$and": [live, {"$not": [left]}]},
                  Status.ACTIVE: {"$and": [live, left, good]}, Status.EXPIRED: {"$and": [live, left, {"$not": [good]}]}}
    return {"total": {"$sum": 1}, **{state.value: tally(conditions[state]) for state in STATES}}


def tally(condition: dict) -> dict:
    """How many rows meet a condition."""
    return {"$sum": {"$cond": [condition, 1, 0]}}

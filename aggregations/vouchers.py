"""What has to be known to sell vouchers, and how many there are in which state at a moment."""
from datetime import datetime

from documents.vouchers import Status

_CANCELLED = {"$gt": ["$cancelled_at", None]}
STATES = (Status.ACTIVE, Status.USED, Status.EXPIRED, Status.CANCELLED)


def offer(type_id: int, *, payer: int, unit: str) -> list[dict]:
    """On voucher_types: the type if it is on sale, with the payer's wallet as `wallets`, in one round trip.

    Indexes: voucher_types(_id), wallets(owner, unit).
    """
    return [{"$match": {"_id": type_id, "is_active": True}}, {"$lookup": {
        "from": "wallets", "as": "wallets", "pipeline": [{"$match": {"owner": payer, "unit": unit}},
                                                         {"$project": {"_id": 1}}]}}]


def totals(match: dict, now: datetime) -> list[dict]:
    """One row: how many vouchers meet `match`, by state, and the sum of their prices; none when there are none.

    Run on vouchers. Indexes: vouchers(owner, issued_at), vouchers(phone, issued_at).
    """
    return [{"$match": match}, {"$group": {"_id": None, **counts(now), "value": {"$sum": "$type.price"}}}]


def counts(now: datetime) -> dict:
    """Accumulators for a `$group` over vouchers: `total`, and one for each state at `now`."""
    live, left = {"$not": [_CANCELLED]}, {"$gt": ["$uses_left", 0]}
    good = {"$gte": ["$expires_at", now]}
    conditions: dict[Status, dict] = {
        Status.CANCELLED: _CANCELLED, Status.USED: {"$and": [live, {"$not": [left]}]},
        Status.ACTIVE: {"$and": [live, left, good]}, Status.EXPIRED: {"$and": [live, left, {"$not": [good]}]}}
    return {"total": {"$sum": 1}, **{state.value: tally(conditions[state]) for state in STATES}}


def tally(condition: dict) -> dict:
    """How many rows meet a condition."""
    return {"$sum": {"$cond": [condition, 1, 0]}}

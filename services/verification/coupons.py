"""Checks that coupons, their redemptions and the orders they belong to tell the same story."""
from collections.abc import Iterator

from documents.coupons import Coupon
from documents.payments import PAID, Payment
from documents.payments import Status as PaymentStatus
from documents.purchases import Purchase
from documents.recharges import PAID as ATTEMPT_PAID
from documents.recharges import AttemptStatus, Recharge
from documents.redemptions import CouponCustomer, Redemption, Status
from documents.transactions import current_session
from services.verification.batches import batches

Uses = tuple[int, int]
"""How often, and for how many minor units in all."""


def miscounted_coupons() -> Iterator[str]:
    """Coupons whose uses and spending are not those of their live redemptions, or beyond their caps."""
    sums = {"_id": "$coupon", "uses": {"$sum": 1}, "spent": {"$sum": "$discount"}}
    live = {row["_id"]: (row["uses"], row["spent"]) for row in Redemption.collection().aggregate(
        [{"$match": {"live": True}}, {"$group": sums}], session=current_session())}
    touched = {"$or": [{"used_count": {"$ne": 0}}, {"spent": {"$ne": 0}}]}
    for row in Coupon.collection().find(touched, session=current_session()):
        says, found = (row["used_count"], row["spent"]), live.pop(row["_id"], (0, 0))
        if says != found:
            yield f"coupon {row['_id']} says {_told(says)}, its redemptions say {_told(found)}"
        if says[0] > row.get("usage_limit", says[0]) or says[1] > row.get("budget", says[1]):
            yield f"coupon {row['_id']} was used beyond its limit or budget: {_told(says)}"
    yield from (f"coupon {coupon} says nothing of {_told(found)}" for coupon, found in live.items())


def miscounted_customers() -> Iterator[str]:
    """Counters of people's uses that are not those of their live redemptions."""
    live = {row["_id"]: row["uses"] for row in Redemption.collection().aggregate([
        {"$match": {"live": True}}, {"$unwind": "$customers"},
        {"$group": {"_id": "$customers", "uses": {"$sum": 1}}}], session=current_session())}
    for row in CouponCustomer.collection().find({"uses": {"$ne": 0}}, session=current_session()):
        found = live.pop(row["_id"], 0)
        if row["uses"] != found:
            yield f"counter {row['_id']} says {row['uses']}, the redemptions say {found}"
    yield from (f"no counter {name} counts {found} uses" for name, found in live.items())


def disagreeing_orders() -> Iterator[str]:
    """Orders whose coupon is not held, used or given back as they are open, paid or not, for the discount they show."""
    for batch in batches(_orders()):
        found = {row["subject"]: row for row in Redemption.collection().find(
            {"subject": {"$in": [order["subject"] for order in batch]}},
            sort=[("created_at", 1)], session=current_session())}
        for order in batch:
            row = found.get(order["subject"], {})
            if any(row.get(name) != order[name] for name in ("status", "discount")):
                yield (f"{order['subject']} asks for a coupon {order['status']} for {order['discount']}, "
                       f"its redemption is {row.get('status')} for {row.get('discount')}")


def stray_redemptions() -> Iterator[str]:
    """Live redemptions of a payment, recharge or purchase that knows nothing of a coupon."""
    asked = {order["subject"] for order in _orders() if order["status"] != Status.RELEASED}
    owned = {"live": True, "subject": {"$regex": "^(payment|recharge|purchase):"}}
    for row in Redemption.collection().find(owned, {"subject": 1}, session=current_session()):
        if row["subject"] not in asked:
            yield f"no order asks for redemption {row['_id']} of {row['subject']}"


def _orders() -> Iterator[dict]:
    """Every order that had a coupon: its subject, and the status and discount that its redemption must have."""
    for row in Payment.collection().find({"coupon": {"$exists": True}}, session=current_session()):
        yield {"subject": f"payment:{row['_id']}", "status": _of_payment(row), "discount": row["discount"]}
    for row in Recharge.collection().find({"attempts.discount": {"$gte": 0}}, session=current_session()):
        for attempt in row["attempts"]:
            if attempt.get("discount") is not None:
                yield {"subject": f"recharge:{row['_id']}:{attempt['number']}", "status": _of_attempt(attempt),
                       "discount": attempt["discount"]}
    for row in Purchase.collection().find({"discount": {"$exists": True}}, session=current_session()):
        yield {"subject": f"purchase:{row['_id']}", "status": Status.CONFIRMED, "discount": row["discount"]}


def _of_payment(row: dict) -> Status:
    if row["status"] == PaymentStatus.REFUNDED:
        return Status.RELEASED
    if row["status"] in PAID:
        return Status.CONFIRMED
    ended = row["status"] in (PaymentStatus.FAILED, PaymentStatus.CANCELLED, PaymentStatus.EXPIRED)
    return Status.RELEASED if ended else Status.HELD


def _of_attempt(attempt: dict) -> Status:
    if attempt["status"] in ATTEMPT_PAID:
        return Status.CONFIRMED
    return Status.HELD if attempt["status"] == AttemptStatus.PENDING else Status.RELEASED


def _told(uses: Uses) -> str:
    return f"{uses[0]} uses for {uses[1]}"

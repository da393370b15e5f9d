"""Coupons on payments at the till: held while the payment waits, used up with it, given back without it."""
from documents.coupons import OrderKind
from documents.payments import UNPAID, Payment, UsedCoupon
from documents.redemptions import Redemption
from documents.users import User
from services import coupons
from services.coupons import AlreadyHasCoupon, Order


def hold(payment: Payment, code: str, *, phone: str | None) -> None:
    """Take the discount of `code` off a payment that is about to be stored, and hold the coupon for it.

    `phone` is the customer's, E.164. Raises what services/coupons.py refuses a code for.
    """
    # No time of its own: it is given back with the payment, which a gateway may keep busy for longer than 15 minutes.
    held = coupons.hold(code=code, order=_order(payment, phone=phone), subject=payment.subject, minutes=None)
    put_on(payment, held)


def put_on(payment: Payment, redemption: Redemption) -> None:
    """Take the discount of a coupon that is held or used for it off a payment that is about to be stored."""
    payment.discount, payment.final_amount = redemption.discount, redemption.final_amount
    payment.coupon = _used(redemption)


def redeem(payment: Payment, code: str, *, user: User) -> None:
    """Use `code` for a stored payment without a coupon, in the transaction in which `user` pays it.

    Raises AlreadyHasCoupon and what services/coupons.py refuses a code for.
    """
    redemption = coupons.redeem(code=code, order=_order(payment, user=user), subject=payment.subject)
    changed = Payment.change(
        {"_id": payment.id, "status": {"$in": [*UNPAID]}, "coupon": {"$exists": False}},
        {"$set": {"discount": redemption.discount, "final_amount": redemption.final_amount,
                  "coupon": _used(redemption).to_mongo()}})
    if changed is None:
        raise AlreadyHasCoupon


def _order(payment: Payment, *, user: User | None = None, phone: str | None = None) -> Order:
    return Order(amount=payment.amount, kind=OrderKind.POS, merchant=payment.merchant, user=user, phone=phone)


def _used(redemption: Redemption) -> UsedCoupon:
    return UsedCoupon(id=redemption.coupon, code=redemption.code, redemption=redemption.id,
                      funded_by=redemption.funded_by)

"""Coupons on recharges: held with an attempt's charge, used with its delivery, given back with its failure."""
from documents.coupons import OrderKind
from documents.recharges import Attempt, Recharge
from documents.users import User
from services import coupons
from services.coupons import Order


def hold(recharge: Recharge, attempt: Attempt, *, user: User) -> None:
    """Take what the attempt's coupon gives off what its wallet pays. Raises what services/coupons.py refuses it for.

    The order is what the payer would pay, so that a margin and a coupon together never give money back.
    """
    if attempt.coupon is None:
        return
    order = Order(amount=attempt.net, kind=OrderKind.RECHARGE, item=recharge.plan.id, user=user)
    # No time of its own: an operator may take a day to answer.
    held = coupons.hold(code=attempt.coupon, order=order, subject=subject_of(recharge, attempt), minutes=None)
    attempt.discount = held.discount


def confirm(recharge: Recharge, attempt: Attempt, *, late: bool) -> None:
    """The attempt was delivered; `late` after it was paid back, when it may raise CouponRefused: used up by then."""
    if attempt.coupon is not None:
        coupons.confirm(subject=subject_of(recharge, attempt), late=late)


def release(recharge: Recharge, attempt: Attempt) -> None:
    """The attempt was not delivered."""
    if attempt.coupon is not None:
        coupons.release(subject=subject_of(recharge, attempt))


def subject_of(recharge: Recharge, attempt: Attempt) -> str:
    """What redemptions of this attempt are filed under: each is an order of its own, like its ledger entries."""
    return f"recharge:{recharge.id}:{attempt.number}"

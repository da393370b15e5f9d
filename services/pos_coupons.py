"""Coupons on payments at the till: held while the payment waits, used up with it, given back without it."""
from documents.errors import Invalid
from documents.payments import Payment
from documents.users import User


def hold(payment: Payment, code: str, *, phone: str | None) -> None:
    """Take the discount of `code` off a payment that is about to be stored, and hold the coupon for it."""
    raise Invalid.field("coupon_code", "Invalid coupon")


def redeem(payment: Payment, code: str, *, user: User) -> None:
    """Use `code` for a stored payment without a coupon, in the transaction in which `user` pays it."""
    raise Invalid.field("coupon_code", "Invalid coupon")

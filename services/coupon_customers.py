"""Who uses a coupon: one person under each name we know, so that no second name gives a second use."""
from typing import NamedTuple

from documents.coupon_assignments import CouponAssignment
from documents.coupons import Audience, Coupon
from documents.payments import PAID, Payment
from documents.purchases import Purchase
from documents.recharges import Recharge
from documents.recharges import Status as RechargeStatus
from documents.redemptions import CouponCustomer
from documents.users import User
from services.coupon_refusals import (
    CouponNotAssigned,
    CouponRefused,
    CouponUsedByCustomer,
    CustomerNotNew,
    CustomerRequired,
)


class Customer(NamedTuple):
    user: int | None
    phone: str | None
    """E.164, typed in at a till or proved by the user."""

    @property
    def names(self) -> list[str]:
        known = (("user", self.user), ("phone", self.phone))
        return [f"{kind}:{name}" for kind, name in known if name is not None]


def identify(user: User | None, phone: str | None) -> Customer:
    """The person behind an account or, without one, behind a phone number.

    A phone that the account never proved does not count: anybody can claim one.
    """
    if user is None and phone is not None:
        user = User.find_one({"phone": phone, "unproven": {"$ne": "phone"}})
        return Customer(user.id if user is not None else None, phone)
    if user is None:
        return Customer(None, None)
    return Customer(user.id, user.phone if user.phone and "phone" not in user.unproven else None)


def refusal(coupon: Coupon, customer: Customer) -> type[CouponRefused] | None:
    """What speaks against this customer's using this coupon; nothing is counted yet."""
    counters = counters_of(coupon, customer)
    if (coupon.audience != Audience.ALL or coupon.per_customer_limit is not None) and not customer.names:
        return CustomerRequired
    if coupon.audience == Audience.ASSIGNED and not _is_assigned(coupon, customer):
        return CouponNotAssigned
    used = {row.id: row.uses for row in CouponCustomer.find({"_id": {"$in": list(counters)}})} if counters else {}
    if any(used.get(counter, 0) >= most for counter, most in counters.items() if not _is_newness(counter)):
        return CouponUsedByCustomer
    if coupon.audience == Audience.NEW_CUSTOMERS and (used or not _is_new(coupon, customer)):
        return CustomerNotNew
    return None


def take(coupon: Coupon, customer: Customer) -> list[str]:
    """Count one use by this customer, in the surrounding transaction, and return the counters it counts in.

    Raises CouponUsedByCustomer, CustomerNotNew.
    """
    counters = counters_of(coupon, customer)
    for counter, most in counters.items():
        if not CouponCustomer.take(counter, most):
            raise CustomerNotNew if _is_newness(counter) else CouponUsedByCustomer
    return list(counters)


def counters_of(coupon: Coupon, customer: Customer) -> dict[str, int]:
    """The counters that a use counts in, each with the most it may reach."""
    counters = {}
    if coupon.per_customer_limit is not None:
        counters = {f"{coupon.id}:{name}": coupon.per_customer_limit for name in customer.names}
    if coupon.audience == Audience.NEW_CUSTOMERS:
        # One is new once, whatever number of coupons for new customers one holds at the same moment.
        where = f"new:merchant:{coupon.merchant}" if coupon.merchant is not None else "new:house"
        counters |= {f"{where}:{name}": 1 for name in customer.names}
    return counters


def _is_newness(counter: str) -> bool:
    return counter.startswith("new:")


def _is_assigned(coupon: Coupon, customer: Customer) -> bool:
    if customer.phone is None:
        return False
    return CouponAssignment.find_one({"_id": CouponAssignment.key(coupon.id, customer.phone)}) is not None


def _is_new(coupon: Coupon, customer: Customer) -> bool:
    if customer.user is None:
        return True     # a phone without an account: the counter of its uses is all that is known of it
    paid = {"user": customer.user, "status": {"$in": [*PAID]}}
    if coupon.merchant is not None:
        return Payment.find_one({**paid, "merchant": coupon.merchant}) is None
    return (Payment.find_one(paid) is None
            and Recharge.find_one({"user": customer.user, "payment_status": RechargeStatus.SUCCESS}) is None
            and Purchase.find_one({"customer": customer.user}) is None)

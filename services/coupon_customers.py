"""Who uses a coupon: one person under each name we know, so that no second name gives a second use."""
import functools
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
    return refusals([coupon], customer)[0]


def refusals(coupons: list[Coupon], customer: Customer) -> list[type[CouponRefused] | None]:
    """`refusal` for several coupons at once, in a number of queries that does not grow with them."""
    counters = [counter for coupon in coupons for counter in counters_of(coupon, customer)]
    used = {row.id: row.uses for row in CouponCustomer.find({"_id": {"$in": counters}})} if counters else {}
    assigned = _assigned([coupon for coupon in coupons if coupon.audience == Audience.ASSIGNED], customer)
    is_new = functools.cache(lambda merchant: _is_new(merchant, customer))

    def judge(coupon: Coupon) -> type[CouponRefused] | None:
        if not customer.names and (coupon.audience != Audience.ALL or coupon.per_customer_limit is not None):
            return CustomerRequired
        if coupon.audience == Audience.ASSIGNED and coupon.id not in assigned:
            return CouponNotAssigned
        full = [counter for counter, most in counters_of(coupon, customer).items() if used.get(counter, 0) >= most]
        if any(not _is_newness(counter) for counter in full):
            return CouponUsedByCustomer
        if coupon.audience == Audience.NEW_CUSTOMERS and (full or not is_new(coupon.merchant)):
            return CustomerNotNew
        return None

    return [judge(coupon) for coupon in coupons]


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


def _assigned(coupons: list[Coupon], customer: Customer) -> set[int]:
    if customer.phone is None or not coupons:
        return set()
    keys = [CouponAssignment.key(coupon.id, customer.phone) for coupon in coupons]
    return {row.coupon for row in CouponAssignment.find({"_id": {"$in": keys}})}


def _is_new(merchant: int | None, customer: Customer) -> bool:
    if customer.user is None:
        return True     # a phone without an account: the counter of its uses is all that is known of it
    paid = {"user": customer.user, "status": {"$in": [*PAID]}}
    if merchant is not None:
        return Payment.find_one({**paid, "merchant": merchant}) is None
    return (Payment.find_one(paid) is None
            and Recharge.find_one({"user": customer.user, "payment_status": RechargeStatus.SUCCESS}) is None
            and Purchase.find_one({"customer": customer.user}) is None)

"""The one coupon engine: what a code is worth on an order, using it, holding it, giving it back."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from documents import clock
from documents.coupons import Coupon, OrderKind
from documents.errors import Invalid
from documents.ids import new_uuid
from documents.redemptions import CouponCustomer, Redemption, Status
from documents.transactions import atomic, current_session, expect_contention
from documents.users import User
from services import coupon_customers, events
from services.coupon_customers import Customer
from services.coupon_refusals import (
    AlreadyHasCoupon,
    CouponBudgetExhausted,
    CouponExhausted,
    CouponExpired,
    CouponInactive,
    CouponNotApplicable,
    CouponNotStarted,
    CouponRefused,
    CouponUnknown,
    CouponUsedByCustomer,
    CouponWrongMerchant,
    CustomerNotNew,
    HoldExpired,
    OrderTooLow,
)

HOLD_MINUTES = 15
BATCH = 500
USED_UP = (CouponExhausted, CouponBudgetExhausted, CouponUsedByCustomer, CustomerNotNew)
"""Refusals that the end of somebody's hold can lift."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a coupon is to be used on."""

    amount: int | None
    """Minor units; None while it is not known, for quotes only."""
    kind: OrderKind = OrderKind.POS
    merchant: int | None = None
    """At whose till it is paid."""
    item: int | None = None
    """Which voucher type, product or plan it is."""
    user: User | None = None
    """Who pays; a phone number given besides does not matter then."""
    phone: str | None = None
    """Of a customer at the till, E.164."""

    @property
    def names(self) -> set[str]:
        """What a coupon may call it in `applies_to`."""
        thing = self.merchant if self.kind == OrderKind.POS else self.item
        return {self.kind, f"{self.kind}:{thing}"}


class Quote(NamedTuple):
    """What a coupon would do; amounts in minor units."""

    coupon: Coupon
    refusal: type[CouponRefused] | None
    missing_amount: int
    """What the order lacks to the coupon's minimum."""
    discount: int
    final_amount: int | None

    @property
    def applicable(self) -> bool:
        return self.refusal is None

    @property
    def reason(self) -> str | None:
        return self.refusal.reason if self.refusal is not None else None


def find(code: str) -> Coupon:
    """The coupon with this code, in any case. Raises CouponUnknown."""
    found = Coupon.find_one({"code": code.strip().upper()})
    if found is None:
        raise CouponUnknown
    return found


def quote(*, code: str, order: Order) -> Quote:
    """What `code` would take off `order`, and why not if it would not. Raises CouponUnknown."""
    return quote_coupon(coupon=find(code), order=order)


def quote_coupon(*, coupon: Coupon, order: Order) -> Quote:
    """`quote` for a coupon that is at hand."""
    coupon, refused = _judge(coupon, order, coupon_customers.identify(order.user, order.phone), clock.now())
    discount = 0 if refused or order.amount is None else coupon.discount_on(order.amount)
    return Quote(coupon=coupon, refusal=refused, missing_amount=max(0, coupon.min_order_amount - (order.amount or 0)),
                 discount=discount, final_amount=None if order.amount is None else order.amount - discount)


@atomic
def redeem(*, code: str, order: Order, subject: str) -> Redemption:
    """Use `code` on `order` for good, in the caller's transaction if there is one; `subject` names the order.

    Raises CouponUnknown, the CouponRefused that fits, AlreadyHasCoupon.
    """
    now = clock.now()
    return _take(code, order, subject, now, status=Status.CONFIRMED, confirmed_at=now)


@atomic
def hold(*, code: str, order: Order, subject: str, minutes: int | None = HOLD_MINUTES) -> Redemption:
    """Reserve `code` for `order` until it is confirmed or released, or for `minutes`.

    With None it is held as long as its order may take: whoever asked must confirm or release. Raises as `redeem`.
    """
    now = clock.now()
    return _take(code, order, subject, now, status=Status.HELD,
                 expires_at=None if minutes is None else now + timedelta(minutes=minutes))


@atomic
def confirm(*, subject: str, late: bool = False) -> Redemption:
    """The order was paid: what was held is used. An order confirmed before hears the same again.

    `late` is for an order that was given up and is paid all the same: what was given back for it is taken anew, for
    the same discount. Raises HoldExpired, and with `late` CouponRefused when it is used up by then.
    """
    confirmed = Redemption.confirm(subject, now=clock.now())
    if confirmed is None:
        known = Redemption.of(subject)
        if known is not None and known.status == Status.CONFIRMED:
            return known
        confirmed = _take_again(subject) if late else None
    if confirmed is None:
        raise HoldExpired
    _announce("coupon.redeemed", None, confirmed)
    return confirmed


@atomic
def release(*, subject: str) -> Redemption | None:
    """The order fell through or was refunded: give its coupon back, once. None when it has none."""
    return _release({"subject": subject})


def release_expired(*, coupon: int | None = None) -> int:
    """Give back the holds that ran out, of one coupon or of all; returns how many. Any number may run at once."""
    due: dict = {"status": Status.HELD.value, "expires_at": {"$lte": clock.now()}}
    if coupon is not None:
        due["coupon"] = coupon
    rows = Redemption.collection().find(due, {"_id": 1}, sort=[("expires_at", 1)], limit=BATCH,
                                        session=current_session()).to_list()
    return sum(_release_hold({"_id": row["_id"], **due}) is not None for row in rows)


@atomic
def _release_hold(match: dict) -> Redemption | None:
    return _release(match)


def _release(match: dict) -> Redemption | None:
    released = Redemption.release(match, now=clock.now())
    if released is None:
        return None
    expect_contention(f"coupon:{released.coupon}")
    coupon = Coupon.give_back(released.coupon, released.discount)
    for counter in released.customers:
        CouponCustomer.give_back(counter)
    _announce("coupon.released", coupon, released)
    return released


def _take(code: str, order: Order, subject: str, now: datetime, **facts: object) -> Redemption:
    customer = coupon_customers.identify(order.user, order.phone)
    coupon, refused = _judge(find(code), order, customer, now)
    if refused is not None:
        raise refused
    if order.amount is None:
        raise Invalid.field("order_amount", "order_amount is required")
    discount = coupon.discount_on(order.amount)
    expect_contention(f"coupon:{coupon.id}")
    # The coupon is the write that can lose, so it comes first; what was read above is as old as this transaction,
    # which therefore starts again when somebody else has changed the coupon since.
    taken = Coupon.take(coupon.id, discount, now=now)
    if taken is None:
        raise CouponExhausted
    if Redemption.of(subject) is not None:
        raise AlreadyHasCoupon
    redemption = Redemption(
        id=new_uuid(), coupon=coupon.id, code=coupon.code, subject=subject, live=True, kind=order.kind,
        merchant=order.merchant, user=customer.user, phone=customer.phone, order_amount=order.amount,
        customers=coupon_customers.take(coupon, customer), discount=discount, final_amount=order.amount - discount,
        funded_by=coupon.funded_by, created_at=now, **facts).create()
    _announce("coupon.redeemed" if redemption.status == Status.CONFIRMED else "coupon.held", taken, redemption)
    return redemption


def _take_again(subject: str) -> Redemption | None:
    released = Redemption.last_released(subject)
    if released is None:
        return None
    expect_contention(f"coupon:{released.coupon}")
    # As of the moment it was promised: that its time is over since does not matter.
    coupon = Coupon.take(released.coupon, released.discount, now=released.created_at)
    if coupon is None:
        raise CouponExhausted
    coupon_customers.take(coupon, Customer(released.user, released.phone))
    return Redemption.revive(released.id, now=clock.now())


def _judge(coupon: Coupon, order: Order, customer: Customer,
           now: datetime) -> tuple[Coupon, type[CouponRefused] | None]:
    """The coupon as it is, and what speaks against it; a hold that ran out and was not swept yet is no obstacle."""
    refused = refusal_of(coupon, order, now) or coupon_customers.refusal(coupon, customer)
    if refused in USED_UP and release_expired(coupon=coupon.id):
        coupon = Coupon.get(coupon.id)
        refused = refusal_of(coupon, order, now) or coupon_customers.refusal(coupon, customer)
    return coupon, refused


def refusal_of(coupon: Coupon, order: Order, now: datetime) -> type[CouponRefused] | None:
    """The first thing that speaks against the coupon on this order, whoever the customer is."""
    checks = (
        (not coupon.is_active, CouponInactive),
        (now < coupon.start_date, CouponNotStarted),
        (now > coupon.expiry_date, CouponExpired),
        (coupon.usage_limit is not None and coupon.used_count >= coupon.usage_limit, CouponExhausted),
        (coupon.merchant is not None and coupon.merchant != order.merchant, CouponWrongMerchant),
        (not order.names & set(coupon.applies_to), CouponNotApplicable),
        (order.amount is not None and order.amount < coupon.min_order_amount, OrderTooLow),
        (coupon.budget is not None and coupon.spent + coupon.discount_on(order.amount or 1) > coupon.budget,
         CouponBudgetExhausted),
    )
    return next((refusal for speaks, refusal in checks if speaks), None)


def announce(type_: str, coupon: Coupon, **facts: object) -> None:
    """Record what became of a coupon, for whoever made it and for its merchant."""
    events.record(type_, subject=f"coupon:{coupon.id}", user=coupon.created_by, merchant=coupon.merchant,
                  code=coupon.code, is_active=coupon.is_active, used_count=coupon.used_count,
                  usage_limit=coupon.usage_limit, **facts)


def _announce(type_: str, coupon: Coupon | None, redemption: Redemption) -> None:
    announce(type_, coupon or Coupon.get(redemption.coupon), redemption=redemption.id, order=redemption.subject,
             customer=redemption.user, discount=redemption.discount)

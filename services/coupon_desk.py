"""Coupons by hand: asking what a code is worth, and using it for an order that is not kept here."""
from datetime import timedelta

from documents.coupons import Coupon, OrderKind
from documents.errors import NotFound
from documents.ids import new_uuid
from documents.listing import Listing
from documents.redemptions import Redemption, Status
from documents.throttles import Throttle
from documents.transactions import atomic
from documents.users import User
from services import coupon_terms, coupons
from services.coupon_refusals import CouponUnknown, HoldExpired
from services.coupons import Order, Quote

MISSES = 30
"""Wrong codes that one account may try in an hour."""
SUBJECT = "order:"
"""What redemptions made here are filed under; those of payments and the like are theirs."""


def verify(*, actor: User, code: str, order_amount: int | None = None, kind: OrderKind = OrderKind.POS,
           item: int | None = None, merchant: int | None = None, phone: str | None = None) -> Quote:
    """What `code` would take off an order of `order_amount` minor units, and why not if it would not.

    The customer is who has `phone` for whoever works at the coupon's till, else the actor. Raises CouponUnknown,
    TooMany after too many wrong codes.
    """
    coupon = _find(code, actor)
    customer = {"phone": phone} if coupon_terms.works_with(coupon, actor) else {"user": actor}
    return coupons.quote_coupon(coupon=coupon, order=Order(
        amount=order_amount, kind=kind, item=item, merchant=merchant or coupon.merchant, **customer))


@atomic
def apply(*, actor: User, code: str, order_amount: int, kind: OrderKind = OrderKind.POS, item: int | None = None,
          merchant: int | None = None, phone: str | None = None, hold: bool = False) -> Redemption:
    """Use, or with `hold` reserve for 15 minutes, a coupon at its own till for an order of `order_amount` minor units.

    Raises CouponUnknown also for somebody else's coupon, the CouponRefused that fits, TooMany.
    """
    coupon = _find(code, actor)
    if not coupon_terms.works_with(coupon, actor):
        raise CouponUnknown
    order = Order(amount=order_amount, kind=kind, item=item, merchant=coupon.merchant or merchant, phone=phone)
    use = coupons.hold if hold else coupons.redeem
    return use(code=coupon.code, order=order, subject=f"{SUBJECT}{new_uuid()}")


def confirm(*, actor: User, redemption_id: str) -> Redemption:
    """Use what `apply` reserved. Raises NotFound, HoldExpired."""
    return coupons.confirm(subject=_own(actor, redemption_id).subject)


@atomic
def release(*, actor: User, redemption_id: str) -> Redemption:
    """Give back what `apply` reserved; repeating it changes nothing. Raises NotFound, HoldExpired once it is used."""
    found = _own(actor, redemption_id)
    if found.status == Status.CONFIRMED:
        raise HoldExpired
    return coupons.release(subject=found.subject) or found


def listing(*, viewer: User, coupon_id: int, status: str | None = None) -> Listing:
    """The redemptions of one coupon that `viewer` manages, newest first. Raises NotFound."""
    match = {"coupon": coupon_terms.get(coupon_id, viewer=viewer).id}
    return Listing(Redemption, match if status is None else match | {"status": status})


def _own(actor: User, redemption_id: str) -> Redemption:
    found = Redemption.get(redemption_id)
    if not found.subject.startswith(SUBJECT) or not coupon_terms.works_with(Coupon.get(found.coupon), actor):
        raise NotFound
    return found


def _find(code: str, actor: User) -> Coupon:
    """The coupon with this code; wrong ones are counted, or one could try codes until one fits."""
    misses = f"coupon-misses:{actor.id}"
    Throttle.check({misses: MISSES})
    try:
        return coupons.find(code)
    except CouponUnknown:
        Throttle.hit(key=misses, limit=MISSES, window=timedelta(hours=1))
        raise

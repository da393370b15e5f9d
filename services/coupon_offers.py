"""Giving coupons to phone numbers, and finding the best one that a number holds."""
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregations import coupons as pipelines
from documents import clock
from documents.coupon_assignments import CouponAssignment
from documents.coupons import Coupon, OrderKind
from documents.errors import NotFound
from documents.transactions import atomic
from documents.users import User
from services import cashiers, coupon_customers, coupon_terms, coupons
from services.coupons import Order

EXPIRING = timedelta(hours=24)
"""A coupon that ends within this time is shown apart: use it or lose it."""
MOST = 200
"""How many of a number's assignments are looked at, newest first."""


class NoOffers(NotFound):
    code = "no_applicable_coupons"
    detail = "No applicable coupons"


class Offer(NamedTuple):
    coupon: Coupon
    discount: int
    """On the order that was asked about, in minor units."""
    expiring: bool


class Offers(NamedTuple):
    best: Offer | None
    """The highest discount among those that last."""
    expiring: Offer | None
    """The one that ends first among those that end within a day."""
    others: list[Offer]

    @property
    def has_expiring_override(self) -> bool:
        return self.best is not None and self.expiring is not None


@atomic
def assign(*, actor: User, code: str, phone: str) -> bool:
    """Give a coupon of the actor's to a phone number (E.164); False when it had been given to it before.

    Raises CouponUnknown also for somebody else's coupon.
    """
    coupon = coupon_terms.by_code(code, viewer=actor)
    key = CouponAssignment.key(coupon.id, phone)
    if CouponAssignment.find_one({"_id": key}) is not None:
        return False
    # Two at once conflict here, and the one that starts again finds what the other has stored.
    CouponAssignment(id=key, coupon=coupon.id, phone=phone, created_by=actor.id, created_at=clock.now()).create()
    coupons.announce("coupon.assigned", coupon)
    return True


def by_phone(*, actor: User, phone: str, order_amount: int = 0, kind: OrderKind = OrderKind.POS) -> Offers:
    """What the coupons assigned to `phone` would take off `order_amount` minor units, best first.

    A till sees its own merchant's coupons and the house's, a customer all that its own proven number holds.
    Raises NoOffers when nothing applies, or for a number that is none of the caller's business.
    """
    now = clock.now()
    rows = CouponAssignment.collection().aggregate(
        pipelines.assigned_to(phone, _visible(actor, phone), now, MOST)).to_list()
    held = [Coupon.load(row) for row in rows]
    applicable = [coupon for coupon in held if coupons.refusal_of(
        coupon, Order(amount=order_amount, kind=kind, merchant=coupon.merchant), now) is None]
    refused = coupon_customers.refusals(applicable, coupon_customers.identify(None, phone)) if applicable else []
    offers = [Offer(coupon, coupon.discount_on(order_amount), coupon.expiry_date <= now + EXPIRING)
              for coupon, refusal in zip(applicable, refused, strict=True) if refusal is None]
    if not offers:
        raise NoOffers
    return _ranked(offers)


def _visible(actor: User, phone: str) -> dict:
    if actor.phone == phone and "phone" not in actor.unproven:
        return {}
    tills = cashiers.tills_of(actor)
    if tills:
        return {"$or": [{"merchant": {"$in": tills}}, {"merchant": {"$exists": False}}]}
    return coupon_terms.managed_by(actor)


def _ranked(offers: list[Offer]) -> Offers:
    lasting = sorted((offer for offer in offers if not offer.expiring), key=_highest_first)
    expiring = sorted((offer for offer in offers if offer.expiring), key=_first_to_end)
    return Offers(best=lasting[0] if lasting else None, expiring=expiring[0] if expiring else None,
                  others=lasting[1:] + expiring[1:])


def _highest_first(offer: Offer) -> tuple[int, datetime, int]:
    return -offer.discount, offer.coupon.expiry_date, offer.coupon.id


def _first_to_end(offer: Offer) -> tuple[datetime, int, int]:
    return offer.coupon.expiry_date, -offer.discount, offer.coupon.id

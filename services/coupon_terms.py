"""Making and changing coupons: whose they are, and which terms make sense."""
import re
from typing import Any

from documents import clock
from documents.base import Duplicate
from documents.coupons import Audience, Coupon, DiscountType, OrderKind
from documents.errors import Conflict, Invalid
from documents.ids import next_id
from documents.listing import Listing
from documents.permissions import Permission
from documents.transactions import atomic
from documents.users import User
from services import cashiers, coupons, merchants
from services.coupon_refusals import CouponUnknown

HUNDRED_PERCENT = 10_000
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]*", re.ASCII)
_TARGET = re.compile(rf"({'|'.join(OrderKind)})(:[1-9]\d{{0,17}})?", re.ASCII)
ORDERINGS = {name: name for name in ("code", "expiry_date", "used_count", "created_at")} | {"id": "_id"}


@atomic
def create(*, actor: User, code: str, **terms: Any) -> Coupon:
    """A new coupon: the house's when staff makes it, else of the actor's shop, which pays for it.

    Raises MerchantRequired, Invalid naming the field; a code is taken in any case of its letters.
    """
    name = code.upper()
    if not _CODE.fullmatch(name):
        raise Invalid.field("code", "Use letters, digits, dots, dashes and underscores only.")
    facts = checked_terms(actor, terms)
    try:
        made = Coupon(id=next_id("coupons"), code=name, **facts).create()
    except Duplicate as error:
        raise Invalid.field("code", "coupon with this code already exists.") from error
    coupons.announce("coupon.created", made)
    return made


@atomic
def change(coupon_id: int, *, actor: User, **terms: Any) -> Coupon:
    """Change the terms of a coupon; None takes a cap away. What was given stays as it was given.

    Raises NotFound for one that is not the actor's, Invalid, Conflict when it was used beyond the new limit meanwhile.
    """
    coupon = get(coupon_id, viewer=actor)
    after = {**_terms_of(coupon), **terms}
    _check(after, merchant=coupon.merchant)
    if (after["usage_limit"] or coupon.used_count) < coupon.used_count:
        raise Invalid.field("usage_limit", f"It has been used {coupon.used_count} times.")
    if (after["budget"] or coupon.spent) < coupon.spent:
        raise Invalid.field("budget", "More than this has been given away.")
    gone = [name for name, value in terms.items() if value is None]
    update: dict = {"$set": {"updated_at": clock.now(), **{n: v for n, v in terms.items() if v is not None}}}
    # The snapshot of this transaction holds the checks above: whoever uses the coupon meanwhile makes it start again.
    changed = Coupon.change({"_id": coupon.id}, update | ({"$unset": dict.fromkeys(gone, "")} if gone else {}))
    if changed is None:
        raise Conflict
    coupons.announce("coupon.updated", changed)
    return changed


def managed_by(viewer: User) -> dict:
    """The filter for the coupons that `viewer` may see and change: all for staff, else those of its own shop."""
    if viewer.can(Permission.MANAGE_COUPONS):
        return {}
    own = merchants.find_own(viewer)
    return {"merchant": own.id} if own is not None else {"merchant": {"$in": []}}


def get(coupon_id: int, *, viewer: User) -> Coupon:
    """A coupon that `viewer` manages. Raises NotFound."""
    return Coupon.get(coupon_id, **managed_by(viewer))


def by_code(code: str, *, viewer: User) -> Coupon:
    """The coupon with this code that `viewer` manages. Raises CouponUnknown also for somebody else's."""
    coupon = coupons.find(code)
    if not manages(coupon, viewer):
        raise CouponUnknown
    return coupon


def manages(coupon: Coupon, viewer: User) -> bool:
    """Whether `viewer` may see and change this coupon: `managed_by` for one that is at hand."""
    if viewer.can(Permission.MANAGE_COUPONS):
        return True
    own = merchants.find_own(viewer) if coupon.merchant is not None else None
    return own is not None and own.id == coupon.merchant


def works_with(coupon: Coupon, viewer: User) -> bool:
    """Whether `viewer` may use this coupon for customers: it manages it, or stands at its merchant's till."""
    if coupon.merchant is not None and coupon.merchant in cashiers.tills_of(viewer):
        return True
    return manages(coupon, viewer)


def listing(*, viewer: User, batch: str | None = None, is_active: bool | None = None, merchant: int | None = None,
            audience: str | None = None) -> Listing:
    """The coupons that `viewer` manages, oldest first; the codes of a batch only when it is named."""
    asked = {"is_active": is_active, "merchant": merchant, "audience": audience}
    match: dict = {"batch": batch if batch is not None else {"$exists": False}}
    match |= {name: value for name, value in asked.items() if value is not None}
    return Listing(Coupon, {"$and": [managed_by(viewer), match]}, order=[("_id", 1)], orderings=ORDERINGS,
                   searchable=("code",))


def checked_terms(actor: User, given: dict[str, Any]) -> dict[str, Any]:
    """The terms of a new coupon of the actor's, as stored fields. Raises MerchantRequired, Invalid."""
    merchant = None if actor.can(Permission.MANAGE_COUPONS) else merchants.run_by(actor).id
    now = clock.now()
    terms = {"start_date": now, "audience": Audience.ALL, "min_order_amount": 0, "usage_limit": 1, "is_active": True,
             "applies_to": [OrderKind.POS] if merchant is not None else [*OrderKind], **given}
    _check(terms, merchant=merchant)
    facts = {**terms, "merchant": merchant, "created_by": actor.id, "created_at": now, "updated_at": now}
    return {name: value for name, value in facts.items() if value is not None}


def _check(terms: dict[str, Any], *, merchant: int | None) -> None:
    if terms["discount_type"] == DiscountType.PERCENT and terms["discount_value"] > HUNDRED_PERCENT:
        raise Invalid.field("discount_value", "A percentage is at most 100.")
    if terms["expiry_date"] <= terms["start_date"]:
        raise Invalid.field("expiry_date", "It must expire after it starts.")
    wrong = [target for target in terms["applies_to"] if not _TARGET.fullmatch(target)]
    if wrong or not terms["applies_to"]:
        raise Invalid.field("applies_to", f"List {', '.join(OrderKind)}, or single things such as VOUCHER:3.")
    if merchant is not None and set(terms["applies_to"]) != {OrderKind.POS.value}:
        raise Invalid.field("applies_to", "A merchant's coupon is for its own till: POS.")


def _terms_of(coupon: Coupon) -> dict[str, Any]:
    return {name: getattr(coupon, name) for name in (
        "discount_type", "discount_value", "start_date", "expiry_date", "applies_to", "usage_limit", "budget")}

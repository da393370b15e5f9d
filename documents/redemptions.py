"""Redemptions: one use of one coupon for one order, held or used at once, given back when the order falls through."""
from datetime import datetime
from enum import StrEnum
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from documents.base import Document
from documents.coupons import Funding, OrderKind


class Status(StrEnum):
    HELD = "HELD"
    """Reserved until `expires_at`, or until its order ends."""
    CONFIRMED = "CONFIRMED"
    RELEASED = "RELEASED"
    """Given back: the order failed, was cancelled or refunded, or the hold ran out."""


class Redemption(Document):
    """One use of a coupon. Amounts are minor units."""

    id = StringField(primary_key=True)
    """UUIDv7."""
    coupon = IntField(required=True)
    code = StringField(required=True)
    subject = StringField(required=True)
    """The order it belongs to, such as `payment:<id>`; an order has one coupon at a time."""
    live = BooleanField()
    """Present while it is held or confirmed: what makes `subject` unique."""
    kind = StringField(required=True, choices=list(OrderKind))
    merchant = IntField()
    """At whose till the order is."""
    user = IntField()
    phone = StringField()
    customers = ListField(StringField())
    """The ids of the counters (CouponCustomer) that it counts in."""
    order_amount = IntField(required=True)
    discount = IntField(required=True)
    final_amount = IntField(required=True)
    funded_by = StringField(required=True, choices=list(Funding))
    status = StringField(required=True, choices=list(Status))
    expires_at = DateTimeField()
    """When a hold runs out; absent for one that ends with its order, and for anything but a hold."""
    created_at = DateTimeField(required=True)
    confirmed_at = DateTimeField()
    released_at = DateTimeField()

    meta = {"collection": "redemptions", "indexes": [
        {"fields": ["subject"], "unique": True, "partialFilterExpression": {"live": True}},
        ["subject", "created_at"],
        ["coupon", "-created_at", "-id"],
        {"fields": ["user", "-created_at", "-id"], "partialFilterExpression": {"user": {"$gt": 0}}},
        {"fields": ["expires_at"], "name": "to_release", "partialFilterExpression": {"expires_at": {"$exists": True}}},
    ]}

    VALIDATOR = {"$expr": {"$eq": ["$final_amount", {"$subtract": ["$order_amount", "$discount"]}]},
                 "$jsonSchema": {"required": ["coupon", "subject", "status", "discount"], "properties": {
                     "status": {"enum": list(Status)}, "final_amount": {"minimum": 0}}}}

    @classmethod
    def of(cls, subject: str) -> Self | None:
        """The use that counts for this order, if it has one."""
        return cls.find_one({"subject": subject, "live": True})

    @classmethod
    def confirm(cls, subject: str, *, now: datetime) -> Self | None:
        """Make a hold final, or None when it has run out, is final or was given back: of two callers one wins."""
        in_time = {"$or": [{"expires_at": {"$exists": False}}, {"expires_at": {"$gt": now}}]}
        return cls.change({"subject": subject, "live": True, "status": Status.HELD, **in_time},
                          {"$set": {"status": Status.CONFIRMED, "confirmed_at": now}, "$unset": {"expires_at": ""}})

    @classmethod
    def last_released(cls, subject: str) -> Self | None:
        """The use that this order had and gave back."""
        return next(cls.find({"subject": subject, "status": Status.RELEASED}, sort=[("created_at", -1)], limit=1), None)

    @classmethod
    def revive(cls, redemption_id: str, *, now: datetime) -> Self | None:
        """Make a use final that was given back, or None when it was not."""
        return cls.change({"_id": redemption_id, "status": Status.RELEASED},
                          {"$set": {"status": Status.CONFIRMED, "live": True, "confirmed_at": now},
                           "$unset": {"released_at": ""}})

    @classmethod
    def release(cls, match: dict, *, now: datetime) -> Self | None:
        """Give the live redemption that meets `match` back, or None: it happens once."""
        return cls.change({**match, "live": True},
                          {"$set": {"status": Status.RELEASED, "released_at": now},
                           "$unset": {"live": "", "expires_at": ""}})


class CouponCustomer(Document):
    """How often one person has used one coupon, or a merchant's right to be new there."""

    id = StringField(primary_key=True)
    """What is counted, `:`, who: `7:user:5`, `7:phone:+91…`, `new:merchant:3:user:5`."""
    uses = IntField(required=True)

    meta = {"collection": "coupon_customers"}

    @classmethod
    def take(cls, counter: str, most: int) -> bool:
        """Count one use more unless there are `most` already; in a transaction, where two first uses conflict."""
        if cls.change_row({"_id": counter, "uses": {"$lt": most}}, {"$inc": {"uses": 1}}) is not None:
            return True
        if cls.find_one({"_id": counter}) is not None:
            return False
        cls.insert({"_id": counter, "uses": 1})
        return True

    @classmethod
    def give_back(cls, counter: str) -> None:
        cls.change_row({"_id": counter, "uses": {"$gte": 1}}, {"$inc": {"uses": -1}})

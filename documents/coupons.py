"""Coupons: what they take off, for whom and on what, and how much of them is used up."""
from datetime import datetime
from enum import StrEnum
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from documents import money
from documents.base import Document

MAX_CODE = 50
"""The old voucher codes' length; shops make theirs of at most 20."""
_NO_LIMIT = 2**62


class DiscountType(StrEnum):
    FLAT = "flat"
    PERCENT = "percent"


class Audience(StrEnum):
    """Who may use a coupon."""

    ALL = "all"
    ASSIGNED = "assigned"
    """Only the phones it was assigned to."""
    NEW_CUSTOMERS = "new_customers"
    """People who have paid nothing yet: at this merchant, or, for the house's coupons, anywhere."""


class OrderKind(StrEnum):
    """What can be bought with a coupon."""

    POS = "POS"
    VOUCHER = "VOUCHER"
    PRODUCT = "PRODUCT"
    RECHARGE = "RECHARGE"


class Funding(StrEnum):
    """Who bears the discount."""

    MERCHANT = "merchant"
    HOUSE = "house"


class Coupon(Document):
    """The terms of a discount, and its use so far. Uses and money that are only held count as used."""

    id = IntField(primary_key=True)
    code = StringField(required=True, min_length=1, max_length=MAX_CODE)
    """Upper-case, unique."""
    discount_type = StringField(required=True, choices=list(DiscountType))
    discount_value = IntField(required=True, min_value=1)
    """Minor units for `flat`, basis points for `percent`."""
    min_order_amount = IntField(default=0, min_value=0)
    max_discount_amount = IntField(min_value=1)
    """The most one use may take off, in minor units; absent for no cap."""
    start_date = DateTimeField(required=True)
    expiry_date = DateTimeField(required=True)
    """The last moment at which it can be used."""
    usage_limit = IntField(min_value=1)
    """How often it can be used by everybody together; absent for any number."""
    per_customer_limit = IntField(min_value=1)
    """How often one person can use it; absent for any number."""
    budget = IntField(min_value=1)
    """What all its discounts together may cost, in minor units; absent for no cap."""
    used_count = IntField(default=0)
    spent = IntField(default=0)
    """The sum of the discounts given, in minor units."""
    is_active = BooleanField(default=True)
    audience = StringField(required=True, choices=list(Audience))
    applies_to = ListField(StringField(), required=True)
    """Kinds of orders, or single things of a kind: "POS", "VOUCHER:3"."""
    merchant = IntField()
    """Whose coupon it is, paid by that merchant and used at its till only; absent for the house's."""
    batch = StringField()
    """The batch of codes it was made in; absent for one made by itself."""
    number = IntField()
    """Its place in the batch, from 1."""
    created_by = IntField(required=True)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "coupons", "indexes": [
        {"fields": ["code"], "unique": True},
        {"fields": ["batch", "number"], "unique": True, "partialFilterExpression": {"batch": {"$gt": ""}}},
        ["merchant", "batch", "id"],
        ["created_at", "id"],
    ]}

    # The last guard of both caps: not even a hand in the Mongo shell gives out more than there is.
    VALIDATOR = {
        "$expr": {"$and": [
            {"$lte": ["$used_count", {"$ifNull": ["$usage_limit", _NO_LIMIT]}]},
            {"$lte": ["$spent", {"$ifNull": ["$budget", _NO_LIMIT]}]},
            {"$lte": ["$start_date", "$expiry_date"]},
        ]},
        "$jsonSchema": {"required": ["code", "discount_type", "discount_value", "used_count", "spent"], "properties": {
            "used_count": {"minimum": 0}, "spent": {"minimum": 0}, "discount_value": {"minimum": 1}}},
    }

    @property
    def funded_by(self) -> Funding:
        return funding_of(self.merchant)

    def discount_on(self, amount: int) -> int:
        """What it takes off an order of `amount` minor units: half-up, never above the order or its own cap."""
        if self.discount_type == DiscountType.PERCENT:
            discount = money.share(amount, self.discount_value)
        else:
            discount = self.discount_value
        return min(discount, amount, self.max_discount_amount or discount)

    @classmethod
    def take(cls, coupon_id: int, discount: int, *, now: datetime) -> Self | None:
        """Use it once for `discount` minor units, or None: the filter is both caps, so the last use has one winner."""
        room = {"$and": [
            {"$lt": ["$used_count", {"$ifNull": ["$usage_limit", _NO_LIMIT]}]},
            {"$lte": [{"$add": ["$spent", discount]}, {"$ifNull": ["$budget", _NO_LIMIT]}]}]}
        return cls.change({"_id": coupon_id, "is_active": True, "start_date": {"$lte": now},
                           "expiry_date": {"$gte": now}, "$expr": room}, {"$inc": {"used_count": 1, "spent": discount}})

    @classmethod
    def give_back(cls, coupon_id: int, discount: int) -> Self | None:
        """Undo one `take`."""
        return cls.change({"_id": coupon_id, "used_count": {"$gte": 1}, "spent": {"$gte": discount}},
                          {"$inc": {"used_count": -1, "spent": -discount}})


def funding_of(merchant: int | None) -> Funding:
    """Who pays for a coupon of this merchant; one of nobody's is the house's."""
    return Funding.HOUSE if merchant is None else Funding.MERCHANT

"""Voucher types: what vouchers are sold, for how much, and what one of them is good for."""
from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document
from documents.money import MAX_AMOUNT

MAX_VALIDITY_DAYS = 3_650
MAX_USES = 100
"""Every use leaves a line in its voucher's own history."""
MAX_QUANTITY = 10
"""Vouchers of one purchase."""
MAX_PRICE = MAX_AMOUNT // MAX_QUANTITY


class VoucherType(Document):
    """The terms of later purchases: a voucher keeps those under which it was bought. Never deleted, only withdrawn."""

    id = IntField(primary_key=True)
    name = StringField(required=True, max_length=100)
    type_code = StringField(required=True, max_length=50)
    """What clients tell the types apart by, such as `result_check`."""
    description = StringField(default="", max_length=5_000)
    price = IntField(required=True, min_value=1, max_value=MAX_PRICE)
    """Minor units of one voucher."""
    validity_days = IntField(default=30, min_value=1, max_value=MAX_VALIDITY_DAYS)
    usage_limit = IntField(default=1, min_value=1, max_value=MAX_USES)
    """How often one voucher can be redeemed."""
    bearer = BooleanField(default=False)
    """Whether anybody who knows its code can redeem it, and not its owner alone."""
    is_active = BooleanField(default=True)
    """Whether it can be bought."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "voucher_types", "indexes": [
        {"fields": ["name"], "unique": True},
        {"fields": ["type_code"], "unique": True},
        ["is_active", "id"],
    ]}

    VALIDATOR = {"$jsonSchema": {"required": ["name", "type_code", "price", "validity_days", "usage_limit"],
                                 "properties": {"price": {"minimum": 1}, "validity_days": {"minimum": 1},
                                                "usage_limit": {"minimum": 1}}}}

"""Usages: every redemption of a voucher, by whom and for what."""
from mongoengine import DateTimeField, DictField, IntField, StringField

from documents.base import Document

MAX_AGENT = 300


class VoucherUsage(Document):
    id = IntField(primary_key=True)
    voucher = StringField(required=True)
    voucher_code = StringField(required=True)
    type = IntField(required=True)
    voucher_type_name = StringField(required=True)
    type_code = StringField(required=True)
    user = IntField(required=True)
    """Who redeemed it: its owner, or anybody for a bearer's voucher."""
    owner = IntField()
    service_type = StringField(default="", max_length=100)
    """What it was redeemed for, in the client's words."""
    service_data = DictField()
    ip_address = StringField()
    user_agent = StringField(default="", max_length=MAX_AGENT)
    used_at = DateTimeField(required=True)

    meta = {"collection": "voucher_usages", "indexes": [
        ["user", "-used_at", "-id"],
        ["voucher", "used_at"],
        ["used_at", "type"],
    ]}

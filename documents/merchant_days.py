"""What each merchant took on each finished day: the rollups behind the figures."""
from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document


class MerchantDay(Document):
    id = StringField(primary_key=True)
    """`<merchant>:<day>`."""
    merchant = IntField(required=True)
    day = StringField(required=True)
    """YYYY-MM-DD in BUSINESS_TIMEZONE."""
    captured = IntField(required=True)
    """Minor units of the payments that were completed on this day."""
    refunded = IntField(required=True)
    """Minor units of the refunds that were completed on this day."""
    payments = IntField(required=True)

    meta = {"collection": "merchant_days", "indexes": [["merchant", "day"], ["day", "merchant"]]}


class RolledUp(Document):
    """How far the rollups reach: one document."""

    id = StringField(primary_key=True)
    """The name of the rollup."""
    until = DateTimeField(required=True)
    """Everything completed before this moment is in the rollups."""

    meta = {"collection": "rolled_up"}

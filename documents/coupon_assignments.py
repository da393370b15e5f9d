"""Which phones a coupon was given to."""
from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document


class CouponAssignment(Document):
    """One coupon in one person's hands."""

    id = StringField(primary_key=True)
    """`<coupon>:<phone>`, so that a coupon is given to a phone once."""
    coupon = IntField(required=True)
    phone = StringField(required=True)
    """E.164."""
    created_by = IntField(required=True)
    created_at = DateTimeField(required=True)

    meta = {"collection": "coupon_assignments", "indexes": [
        ["phone", "-created_at", "-id"], ["coupon", "-created_at", "-id"]]}

    @staticmethod
    def key(coupon_id: int, phone: str) -> str:
        return f"{coupon_id}:{phone}"

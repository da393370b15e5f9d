"""QR tokens that were read: what makes each of them good for one scan."""
from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document


class CouponScan(Document):
    """One token, used up. It is kept until the token has expired anyway."""

    id = StringField(primary_key=True)
    """The `jti` of the token."""
    coupon = IntField(required=True)
    scanned_by = IntField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {"collection": "coupon_scans", "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}

"""Answers kept by Idempotency-Key, written in the same transaction as the effect they report."""
from datetime import datetime, timedelta

from mongoengine import BinaryField, DateTimeField, IntField, StringField

from documents.base import Document

KEPT_FOR = timedelta(hours=24)


class IdempotencyRecord(Document):
    id = StringField(primary_key=True)
    """Caller, route and key."""
    fingerprint = StringField(required=True)
    """SHA-256 of the request's body: another body under the same key is a mistake of the caller."""
    status = IntField()
    body = BinaryField()
    expires_at = DateTimeField(required=True)

    meta = {"collection": "idempotency", "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}

    @classmethod
    def live(cls, key: str, now: datetime) -> "IdempotencyRecord | None":
        """The record of `key` that has not expired; the TTL index only cleans up behind this."""
        return cls.find_one({"_id": key, "expires_at": {"$gt": now}})

"""Where integrators have events sent."""
from datetime import datetime
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from documents.base import Document

MAX_ENDPOINTS = 20
"""Endpoints of one merchant, or of the house."""


class WebhookEndpoint(Document):
    """One URL. A merchant's hears of that merchant; the house's, which has no merchant, of everything."""

    id = IntField(primary_key=True)
    merchant = IntField()
    slot = StringField(required=True)
    """`<owner>:<number below MAX_ENDPOINTS>`: being unique, it is the limit."""
    created_by = IntField(required=True)
    url = StringField(required=True, max_length=500)
    description = StringField(default="", max_length=200)
    events = ListField(StringField())
    """Types such as `payment.succeeded`, or families such as `payment.*`; all that are published when empty."""
    secret = StringField(required=True)
    """Signs what is sent, as `whsec_` and base64."""
    old_secret = StringField()
    """Signs as well, until `old_secret_until`, so that a receiver can change over in its own time."""
    old_secret_until = DateTimeField()
    is_active = BooleanField(default=True)
    disabled_reason = StringField()
    """Why it was switched off by us: gone (the receiver said 410) or failing (for three days)."""
    last_success_at = DateTimeField()
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "webhook_endpoints", "indexes": [
        {"fields": ["slot"], "unique": True},
        ["merchant", "id"],
        ["is_active", "id"],
    ]}

    @classmethod
    def disable(cls, endpoint_id: int, reason: str, *, now: datetime, match: dict | None = None) -> Self | None:
        """Switch an active endpoint off, or None when it is off."""
        return cls.change({"_id": endpoint_id, "is_active": True, **(match or {})},
                          {"$set": {"is_active": False, "disabled_reason": reason, "updated_at": now}})

    def secrets(self, now: datetime) -> list[str]:
        """What signs at `now`, the newest first."""
        if self.old_secret and self.old_secret_until and self.old_secret_until > now:
            return [self.secret, self.old_secret]
        return [self.secret]

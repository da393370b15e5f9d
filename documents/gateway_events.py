"""What payment gateways told by webhook: each once, kept as it was said."""
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document

KEPT_FOR = timedelta(days=90)
"""Far longer than any gateway repeats itself."""
MAX_BODY = 256 * 1024
MAX_ERROR = 300


class Status(StrEnum):
    APPLIED = "applied"
    IGNORED = "ignored"
    """It says nothing that we follow, or is about a payment that is not ours."""
    WAITING = "waiting"
    """It could not be applied yet."""
    PARKED = "parked"
    """It could not be applied for days: for an operator."""


class GatewayEvent(Document):
    """One webhook."""

    id = StringField(primary_key=True)
    """`<gateway>:<its id of the event>`: what makes a repeat harmless."""
    gateway = StringField(required=True)
    type = StringField(required=True)
    intent = StringField()
    """The gateway's id of the payment it is about."""
    body = StringField(required=True)
    status = StringField(required=True, choices=list(Status))
    attempts = IntField(default=0)
    error = StringField(max_length=MAX_ERROR)
    due_at = DateTimeField()
    """When to try again; absent unless it waits."""
    created_at = DateTimeField(required=True)

    meta = {"collection": "gateway_events", "indexes": [
        {"fields": ["due_at"], "name": "waiting", "partialFilterExpression": {"due_at": {"$exists": True}}},
        # A handful of entries, for those who look after them.
        {"fields": ["status", "created_at"], "name": "parked",
         "partialFilterExpression": {"status": Status.PARKED.value}},
        {"fields": ["created_at"], "expireAfterSeconds": int(KEPT_FOR.total_seconds())},
    ]}

    @classmethod
    def claim(cls, event_id: str, *, due_at: datetime, until: datetime) -> Self | None:
        """Own a waiting event for one attempt, or None: of many sweepers one gets it."""
        return cls.change({"_id": event_id, "due_at": due_at}, {"$set": {"due_at": until}, "$inc": {"attempts": 1}})

    @classmethod
    def close(cls, event_id: str, status: Status) -> Self | None:
        """A waiting event has been dealt with, or None when it had been before."""
        return cls.change({"_id": event_id, "status": Status.WAITING},
                          {"$set": {"status": status}, "$unset": {"due_at": "", "error": ""}})

    @classmethod
    def postpone(cls, event_id: str, *, error: str, due_at: datetime | None) -> Self | None:
        """Try a waiting event again at `due_at`, or park it without one."""
        facts: dict = {"error": error[:MAX_ERROR]}
        if due_at is None:
            return cls.change({"_id": event_id, "status": Status.WAITING},
                              {"$set": {**facts, "status": Status.PARKED}, "$unset": {"due_at": ""}})
        return cls.change({"_id": event_id, "status": Status.WAITING}, {"$set": {**facts, "due_at": due_at}})

    @classmethod
    def wait_again(cls, event_id: str, now: datetime) -> Self | None:
        """Try a parked or waiting event at once and as if it had never failed, or None when it is dealt with."""
        return cls.change({"_id": event_id, "status": {"$in": [Status.PARKED.value, Status.WAITING.value]}},
                          {"$set": {"status": Status.WAITING.value, "due_at": now, "attempts": 0}})

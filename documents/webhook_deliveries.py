"""One event on its way to one endpoint, and the log of every attempt."""
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bson import ObjectId
from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ObjectIdField,
    StringField,
)

from documents.base import Document

KEPT_FOR = timedelta(days=30)
MAX_LOG = 20
LEASE = timedelta(minutes=1)
"""Longer than any attempt: whoever is silent for longer has died."""


class Status(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """Given up after three days."""
    CANCELLED = "cancelled"
    """Its endpoint was switched off or deleted meanwhile."""


class Attempt(EmbeddedDocument):
    at = DateTimeField(required=True)
    status = IntField()
    """The receiver's HTTP status; absent when it did not answer."""
    error = StringField(max_length=200)
    milliseconds = IntField(required=True)
    response = StringField(max_length=1_000)
    """The beginning of what it answered."""


class WebhookDelivery(Document):
    endpoint = IntField(required=True)
    event = ObjectIdField(required=True)
    type = StringField(required=True)
    body = StringField(required=True)
    """What is sent, the same at every attempt."""
    status = StringField(required=True, choices=list(Status))
    attempts = IntField(default=0)
    """How often it was tried since it was last asked for."""
    log = EmbeddedDocumentListField(Attempt)
    due_at = DateTimeField()
    """The next attempt; during one, the end of its lease; absent when there is none."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "webhook_deliveries", "indexes": [
        {"fields": ["event", "endpoint"], "unique": True},
        {"fields": ["due_at"], "name": "due", "partialFilterExpression": {"due_at": {"$exists": True}}},
        ["endpoint", "-created_at", "-id"],
        ["endpoint", "status", "-created_at", "-id"],
        {"fields": ["created_at"], "expireAfterSeconds": int(KEPT_FOR.total_seconds())},
    ]}

    @classmethod
    def due(cls, *, now: datetime, limit: int, busy: list[int]) -> list[tuple[ObjectId, int]]:
        """The deliveries whose turn it is and their endpoints, longest waiting first, without those of `busy` ones."""
        rows = cls.collection().find({"due_at": {"$lte": now}, "endpoint": {"$nin": busy}}, {"endpoint": 1},
                                     sort=[("due_at", 1)], limit=limit)
        return [(row["_id"], row["endpoint"]) for row in rows]

    @classmethod
    def claim(cls, delivery_id: ObjectId, *, now: datetime) -> Self | None:
        """Own it for one attempt, or None: of many workers one gets it."""
        return cls.change({"_id": delivery_id, "status": Status.PENDING, "due_at": {"$lte": now}},
                          {"$set": {"due_at": now + LEASE}, "$inc": {"attempts": 1}})

    def close(self, status: Status, attempt: Attempt | None, *, now: datetime) -> Self | None:
        """End its way."""
        return self._after(attempt, {"$set": {"status": status, "updated_at": now}, "$unset": {"due_at": ""}})

    def retry_at(self, due_at: datetime, attempt: Attempt, *, now: datetime) -> Self | None:
        return self._after(attempt, {"$set": {"due_at": due_at, "updated_at": now}})

    @classmethod
    def replay(cls, match: dict, *, now: datetime) -> Self | None:
        """Send one that has come to an end once more, with all its attempts before it."""
        return cls.change({**match, "status": {"$ne": Status.PENDING}},
                          {"$set": {"status": Status.PENDING, "attempts": 0, "due_at": now, "updated_at": now}})

    def _after(self, attempt: Attempt | None, update: dict) -> Self | None:
        if attempt is not None:
            update["$push"] = {"log": {"$each": [attempt.to_mongo()], "$slice": -MAX_LOG}}
        # The number of the attempt fences off a worker that outlived its lease.
        return self.change({"_id": self.id, "status": Status.PENDING, "attempts": self.attempts}, update)

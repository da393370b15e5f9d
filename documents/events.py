"""The transactional outbox: what happened, written in the same transaction as its cause."""
from collections.abc import Collection
from datetime import datetime
from typing import Self

from bson import ObjectId
from mongoengine import BooleanField, DateTimeField, DictField, IntField, StringField

from documents.base import Document

MAX_ERROR = 500
NEEDS_A_PERSON = frozenset({
    "payment.mismatch", "payment.disputed", "payment.refund_returned", "payment.refunded_twice",
    "recharge.needs_attention", "recharge.late_success", "recharge.contradicted"})
"""What no program can put right: listed at the console until staff have ticked it off."""


class Event(Document):
    type = StringField(required=True)
    """Dotted past tense, such as `recharge.succeeded`."""
    subject = StringField(required=True)
    """What it is about, as `kind:id`."""
    user = IntField()
    merchant = IntField()
    data = DictField()
    created_at = DateTimeField(required=True)
    due_at = DateTimeField()
    """When its consequences are to be recorded next; absent once they are, or once they were given up."""
    dispatched_at = DateTimeField()
    """When its consequences (notices, mails, hooks) were all recorded; absent while they are owed."""
    attempts = IntField()
    """How often recording them failed; absent when it never did."""
    error = StringField()
    """What went wrong the last time: for operators only."""
    parked_at = DateTimeField()
    """When it was given up after too many failures, to wait for an operator."""
    unseen = BooleanField()
    """Of `NEEDS_A_PERSON`, and nobody has ticked it off; absent otherwise."""

    meta = {"collection": "events", "indexes": [
        {"fields": ["due_at", "id"], "name": "owed", "partialFilterExpression": {"due_at": {"$exists": True}}},
        {"fields": ["parked_at"], "partialFilterExpression": {"parked_at": {"$exists": True}}},
        # A few rows: whatever else is written does not touch it.
        {"fields": ["unseen", "-id"], "partialFilterExpression": {"unseen": True}},
        ["user", "-created_at"],
        ["subject", "created_at"],
    ]}

    @classmethod
    def owed(cls, *, before: datetime, limit: int) -> list[Self]:
        """The events that were due by `before`, oldest first."""
        return list(cls.find({"due_at": {"$lte": before}}, sort=[("due_at", 1), ("_id", 1)], limit=limit))

    @classmethod
    def take(cls, event_id: ObjectId, now: datetime) -> Self | None:
        """Mark one owed event as dispatched, or return None: of two dispatchers one wins."""
        return cls.change({"_id": event_id, "due_at": {"$lte": now}},
                          {"$set": {"dispatched_at": now}, "$unset": {"due_at": ""}})

    @classmethod
    def take_all(cls, event_ids: Collection[ObjectId], now: datetime) -> None:
        """Mark events that have no consequences as dispatched, in one round trip."""
        cls.collection().update_many({"_id": {"$in": list(event_ids)}, "due_at": {"$lte": now}},
                                     {"$set": {"dispatched_at": now}, "$unset": {"due_at": ""}})

    @classmethod
    def tick_off(cls, event_id: ObjectId) -> Self | None:
        """Take it off the list of what needs a person, or None: of two members of staff one does."""
        return cls.change({"_id": event_id, "unseen": True}, {"$unset": {"unseen": ""}})

    def put_back(self, *, error: str, due_at: datetime) -> None:
        """Owe the event again at `due_at`, one failed attempt later."""
        self._after_failure({"$set": {"due_at": due_at, "error": error[:MAX_ERROR]}})

    def park(self, *, error: str, now: datetime) -> None:
        """Give the event up until an operator sets its `due_at` again."""
        self._after_failure({"$set": {"parked_at": now, "error": error[:MAX_ERROR]}, "$unset": {"due_at": ""}})

    @classmethod
    def owe_again(cls, event_id: ObjectId, now: datetime) -> Self | None:
        """Owe a parked event, or one that waits after a failure, at once and as if it had never failed; or None."""
        waiting = {"$or": [{"parked_at": {"$exists": True}}, {"due_at": {"$gt": now}}]}
        return cls.change({"_id": event_id, **waiting},
                          {"$set": {"due_at": now}, "$unset": {"parked_at": "", "attempts": ""}})

    def _after_failure(self, update: dict) -> None:
        # The filter lets one of two dispatchers that failed on the same attempt count it.
        self.change_row({"_id": self.id, "due_at": self.due_at}, update | {"$inc": {"attempts": 1}})

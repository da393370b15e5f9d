"""E-mails, SMS and pushes on their way: written with their cause, delivered by a job, forgotten after a month."""
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bson import ObjectId
from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document

LEASE = timedelta(seconds=45)
"""How long one delivery attempt owns a message: longer than the slowest gateway time-out."""
KEPT_FOR = timedelta(days=30)


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class MessageStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"


class Message(Document):
    channel = StringField(required=True, choices=[member.value for member in Channel])
    to = StringField(required=True, max_length=254)
    """A lower-cased e-mail address, an E.164 number, or the id of a push subscription."""
    subject = StringField(max_length=200, default="")
    body = StringField()
    """Removed after the last attempt when the message carried a secret."""
    code = StringField(max_length=20)
    """The OTP inside the body, for development's outbox; removed together with it."""
    key = StringField(max_length=200)
    """Unique: the natural key of whoever may ask twice for the same message."""
    status = StringField(required=True, choices=[member.value for member in MessageStatus])
    attempts = IntField(default=0)
    due_at = DateTimeField()
    """The next attempt while queued; during one, the end of its lease."""
    gives_up_at = DateTimeField(required=True)
    """After this moment it is not worth sending any more."""
    secret = BooleanField(default=False)
    """Whether it carries a code or a link that nobody may read later."""
    created_at = DateTimeField(required=True)
    sent_at = DateTimeField()
    error = StringField(max_length=500)
    """Why the last attempt failed: for operators only."""

    meta = {"collection": "messages", "indexes": [
        {"fields": ["due_at"], "name": "queued", "partialFilterExpression": {"status": MessageStatus.QUEUED.value}},
        # Not `$type`: MongoDB reads a partial index only when the query's own terms imply its filter.
        {"fields": ["key"], "unique": True, "partialFilterExpression": {"key": {"$gt": ""}}},
        ["to", "-created_at", "-id"],
        # A handful of entries, for those who ask what did not arrive.
        {"fields": ["status", "-created_at"], "name": "failed",
         "partialFilterExpression": {"status": MessageStatus.FAILED.value}},
        {"fields": ["created_at"], "expireAfterSeconds": int(KEPT_FOR.total_seconds())},
    ]}

    @classmethod
    def due(cls, *, now: datetime, limit: int) -> list[ObjectId]:
        """The ids of messages whose turn it is, longest waiting first."""
        rows = cls.collection().find({"status": MessageStatus.QUEUED.value, "due_at": {"$lte": now}}, {"_id": True},
                                     sort=[("due_at", 1)], limit=limit)
        return [row["_id"] for row in rows]

    @classmethod
    def claim(cls, message_id: ObjectId, now: datetime) -> Self | None:
        """Own the message for one attempt, or return None: it is sent, not due, or another worker has it."""
        return cls.change({"_id": message_id, "status": MessageStatus.QUEUED.value, "due_at": {"$lte": now}},
                          {"$set": {"due_at": now + LEASE}, "$inc": {"attempts": 1}})

    def retry_at(self, moment: datetime, error: str) -> None:
        """Give the message back for another attempt at `moment`."""
        self.change_row(self._owned(), {"$set": {"due_at": moment, "error": error[:500]}})

    def close(self, status: MessageStatus, now: datetime, error: str | None = None) -> None:
        """End the message's way; what was secret in it is removed."""
        update: dict = {"$set": {"status": status.value}, "$unset": {"due_at": ""}}
        if status is MessageStatus.SENT:
            update["$set"]["sent_at"] = now
        if error:
            update["$set"]["error"] = error[:500]
        if self.secret:
            update["$unset"] |= {"code": "", "body": ""}
        self.change_row(self._owned(), update)

    def _owned(self) -> dict:
        # The attempt number fences off a worker that outlived its lease: the newer attempt decides.
        return {"_id": self.id, "status": MessageStatus.QUEUED.value, "attempts": self.attempts}


class ChannelPause(Document):
    """A channel whose server did not answer, for all workers to see."""

    channel = StringField(primary_key=True, choices=[member.value for member in Channel])
    until = DateTimeField(required=True)

    meta = {"collection": "channel_pauses"}

    @classmethod
    def covers(cls, channel: str, now: datetime) -> bool:
        return cls.find_one({"_id": channel, "until": {"$gt": now}}) is not None

    @classmethod
    def begin(cls, channel: str, until: datetime) -> None:
        """Pause the channel. Never in a transaction."""
        cls.change_row({"_id": channel}, {"$set": {"until": until}}, upsert=True)

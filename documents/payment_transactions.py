"""Transactions: the attempts to pay one payment, each with its log."""
from datetime import datetime
from enum import StrEnum
from typing import Self

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)

from documents.base import Document

MAX_LOGS = 100


class Status(StrEnum):
    INITIATED = "INITIATED"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class LogLine(EmbeddedDocument):
    message = StringField(required=True, max_length=300)
    created_at = DateTimeField(required=True)


class PaymentTransaction(Document):
    """One attempt. A payment has at most one open attempt, and one that succeeded."""

    id = StringField(primary_key=True)
    """UUIDv7."""
    payment = StringField(required=True)
    merchant = IntField()
    user = IntField()
    """Who pays, or who opened the attempt for somebody unknown."""
    amount = IntField(required=True)
    final_amount = IntField(required=True)
    status = StringField(required=True, choices=list(Status))
    reference = StringField(default="UPI", max_length=100)
    """How it is paid: the gateway's id, or the method in capitals."""
    is_open = BooleanField()
    """Present while INITIATED: the index that allows one."""
    logs = EmbeddedDocumentListField(LogLine)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "payment_transactions", "indexes": [
        {"fields": ["payment"], "name": "one_open_attempt", "unique": True,
         "partialFilterExpression": {"is_open": True}},
        ["payment", "created_at"],
        ["-created_at", "-id"],
        ["merchant", "-created_at", "-id"],
        ["merchant", "status", "-created_at", "-id"],
    ]}

    @classmethod
    def close(cls, match: dict, status: Status, message: str, *, now: datetime, **facts: object) -> Self | None:
        """End the open attempt that meets `match`, or None when there is none."""
        return cls.change(match | {"is_open": True}, {
            "$set": {"status": status, "updated_at": now, **facts}, "$unset": {"is_open": ""},
            "$push": _pushed(message, now)})

    @classmethod
    def note(cls, match: dict, message: str, *, now: datetime, **facts: object) -> Self | None:
        """Add a line to the log of the attempt that meets `match`."""
        return cls.change(match, {"$set": {"updated_at": now, **facts}, "$push": _pushed(message, now)})


def _pushed(message: str, now: datetime) -> dict:
    # A payment refunded in a thousand parts must not grow its log without end.
    return {"logs": {"$each": [{"message": message, "created_at": now}], "$slice": -MAX_LOGS}}

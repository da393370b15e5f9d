"""Notices inside the application: one document serves every client's list."""
from enum import StrEnum
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document


class NoticeKind(StrEnum):
    RECHARGE = "RECHARGE"
    SUPPORT = "SUPPORT"
    PROMOTION = "PROMOTION"
    ACCOUNT = "ACCOUNT"
    USER_REGISTERED = "USER_REGISTERED"
    LOW_BALANCE = "LOW_BALANCE"
    PAYMENT = "PAYMENT"
    COUPON = "COUPON"
    SETTLEMENT = "SETTLEMENT"
    OTHER = "OTHER"


class Notification(Document):
    id = IntField(primary_key=True)
    key = StringField(required=True, max_length=200)
    """Unique: the natural key of what it tells, so that telling it twice makes one notice."""
    user = IntField(required=True)
    kind = StringField(required=True, choices=[member.value for member in NoticeKind])
    title = StringField(required=True, max_length=255)
    message = StringField(required=True, max_length=2_000)
    related_id = IntField()
    """The recharge or ticket it is about."""
    is_archived = BooleanField(default=False)
    created_at = DateTimeField(required=True)
    read_at = DateTimeField()

    meta = {"collection": "notifications", "indexes": [
        {"fields": ["key"], "unique": True},
        ["user", "is_archived", "-created_at", "-id"],
    ]}

    @classmethod
    def told(cls, key: str) -> Self | None:
        return cls.find_one({"key": key})

"""Leaderboard figures kept ready: one row for each referrer and day, and their sums for week, month and all time."""
from enum import StrEnum
from typing import Self

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


class ReferralRollup(Document):
    """What one referrer reached in one span of time, in calendar days of BUSINESS_TIMEZONE."""

    id = StringField(primary_key=True)
    """`<span>:<start>:<user>`"""
    span = StringField(required=True, choices=list(Span))
    start = StringField(required=True)
    """The first day, YYYY-MM-DD; weeks start on Monday, all time on 0001-01-01."""
    user = IntField(required=True)
    count = IntField(default=0)
    """Referrals made, without those that were voided."""
    count_at = DateTimeField()
    """When this count was reached: the moment of the newest that is counted."""
    cash = IntField(default=0)
    """Minor units credited as the referrer and not revoked, by the day they were credited."""
    cash_at = DateTimeField()
    points = IntField(default=0)
    points_at = DateTimeField()
    writes = IntField(default=0)
    """Counts rewrites: one that changes nothing else must still conflict with another made from older facts."""

    meta = {"collection": "referral_rollups", "indexes": [
        ["span", "start", "-count", "count_at", "user"],
        ["span", "start", "-cash", "cash_at", "user"],
        ["span", "start", "-points", "points_at", "user"],
        ["user", "span", "start"],
    ]}

    @classmethod
    def of(cls, *, span: Span, start: str, user: int) -> Self | None:
        """The row of one referrer, if there is one."""
        return cls.find_one({"_id": _key(span, start, user)})

    @classmethod
    def put(cls, *, span: Span, start: str, user: int, figures: dict) -> None:
        """Write one row whole, in the transaction that worked the figures out."""
        key = _key(span, start, user)
        facts = {"span": span.value, "start": start, "user": user, **figures}
        if cls.change_row({"_id": key}, {"$set": facts, "$inc": {"writes": 1}}) is None:
            cls.insert({"_id": key, **facts, "writes": 1})


def _key(span: Span, start: str, user: int) -> str:
    return f"{span.value}:{start}:{user}"

"""Batches: many codes under the same terms, made by a job in portions."""
from datetime import datetime
from enum import StrEnum
from typing import Self

from mongoengine import DateTimeField, DictField, IntField, StringField

from documents.base import Document

LARGEST_BATCH = 100_000


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class CouponBatch(Document):
    """An order for `count` codes, and how many of them exist."""

    id = StringField(primary_key=True)
    """UUIDv7."""
    merchant = IntField()
    """Whose coupons they are; absent for the house's."""
    prefix = StringField(default="")
    count = IntField(required=True, min_value=1, max_value=LARGEST_BATCH)
    done = IntField(default=0)
    terms = DictField()
    """What each of its coupons has in common, as stored fields."""
    status = StringField(required=True, choices=list(Status))
    lease_until = DateTimeField()
    """Until when a worker is at it; one that is silent for longer has died."""
    created_by = IntField(required=True)
    created_at = DateTimeField(required=True)
    completed_at = DateTimeField()

    meta = {"collection": "coupon_batches", "indexes": [
        ["merchant", "-created_at", "-id"],
        ["-created_at", "-id"],
        {"fields": ["created_at"], "name": "unfinished",
         "partialFilterExpression": {"status": {"$in": [Status.QUEUED, Status.RUNNING]}}},
    ]}

    @classmethod
    def claim(cls, batch_id: str, *, now: datetime, until: datetime) -> Self | None:
        """Begin or resume an unfinished batch that nobody is at, or None: of two workers one gets it."""
        free = {"$or": [{"lease_until": {"$exists": False}}, {"lease_until": {"$lte": now}}]}
        return cls.change({"_id": batch_id, "status": {"$in": [Status.QUEUED, Status.RUNNING]}, **free},
                          {"$set": {"status": Status.RUNNING, "lease_until": until}})

    @classmethod
    def progress(cls, batch_id: str, *, was: int, done: int, until: datetime) -> Self | None:
        """Note that all codes up to number `done` exist, or None when another worker has taken over."""
        return cls.change({"_id": batch_id, "status": Status.RUNNING, "done": was},
                          {"$set": {"done": done, "lease_until": until}})

    @classmethod
    def finish(cls, batch_id: str, *, now: datetime) -> Self | None:
        """All codes exist; None when somebody has said so before."""
        return cls.change({"_id": batch_id, "status": Status.RUNNING, "$expr": {"$eq": ["$done", "$count"]}},
                          {"$set": {"status": Status.DONE, "completed_at": now}, "$unset": {"lease_until": ""}})

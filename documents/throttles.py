"""Caps per account or address, counted in MongoDB so that no restart or second machine forgets them."""
from datetime import datetime, timedelta
from typing import Any

from mongoengine import DateTimeField, IntField, StringField
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from documents import clock
from documents.base import Document
from documents.errors import TooMany


class Throttle(Document):
    """How often something was done under one key since its window opened."""

    key = StringField(primary_key=True)
    count = IntField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {"collection": "throttles", "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}

    @classmethod
    def hit(cls, *, key: str, limit: int, window: timedelta) -> None:
        """Count one use of `key`; raises TooMany beyond `limit` uses in the window that the first one opened.

        Always outside the caller's transaction: a count that could be rolled back would not be a cap.
        """
        now = clock.now()
        found = cls._count(key, now, now + window)
        if found["count"] > limit:
            raise _too_many(found["expires_at"], now)

    @classmethod
    def check(cls, limits: dict[str, int]) -> None:
        """Raise TooMany when one of the keys has been used up to its limit already, without counting."""
        now = clock.now()
        for found in cls.collection().find({"_id": {"$in": list(limits)}, "expires_at": {"$gt": now}}):
            if found["count"] >= limits[found["_id"]]:
                raise _too_many(found["expires_at"], now)

    @classmethod
    def forget(cls, key: str) -> None:
        """Start anew, for instance after a right password."""
        cls.collection().delete_one({"_id": key})

    @classmethod
    def _count(cls, key: str, now: datetime, end: datetime) -> dict[str, Any]:
        running = {"$gt": ["$expires_at", now]}
        update = [{"$set": {"count": {"$cond": [running, {"$add": ["$count", 1]}, 1]},
                            "expires_at": {"$cond": [running, "$expires_at", end]}}}]
        while True:
            try:
                return cls.collection().find_one_and_update(  # type: ignore[return-value]  # an upsert always finds
                    {"_id": key}, update, upsert=True, return_document=ReturnDocument.AFTER)
            except DuplicateKeyError:  # two first uses at once: the second finds the first's document
                continue


def _too_many(until: datetime, now: datetime) -> TooMany:
    return TooMany(retry_after=max(1, int((until - now).total_seconds())))

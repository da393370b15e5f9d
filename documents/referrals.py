"""Referral codes, and who came through whose: one code and one referrer a person, ever."""
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from mongoengine import DateTimeField, IntField, ListField, StringField

from documents.base import Document

MOST_TRACES = 60


class ReferralCode(Document):
    """The one code of its owner."""

    id = StringField(primary_key=True)
    owner = IntField(required=True)
    code = StringField(required=True, max_length=20)
    uses = IntField(default=0)
    traces = ListField(StringField())
    """HMACs of the owner's phones, devices and networks as they were seen, the newest last: see services/fraud.py."""
    created_at = DateTimeField(required=True)

    meta = {"collection": "referral_codes", "indexes": [
        {"fields": ["owner"], "unique": True},
        {"fields": ["code"], "unique": True},
    ]}

    @classmethod
    def take_use(cls, code_id: str, *, most: int, traces: Iterable[str]) -> Self | None:
        """Use the code once more, or return None when `most` people have (0: any number): one gets the last use."""
        match: dict = {"_id": code_id}
        if most:
            match["uses"] = {"$lt": most}
        return cls.change(match, {"$inc": {"uses": 1}, **_remembered(traces)})

    def remember(self, traces: Iterable[str]) -> None:
        """Keep where the owner was seen; no write when all of it is known."""
        new = set(traces) - set(self.traces)
        if new:
            self.change_row({"_id": self.id}, _remembered(new))


class Referral(Document):
    """Somebody used somebody else's code. The unique index on `referred` is what makes it once in a life."""

    id = StringField(primary_key=True)
    code = StringField(required=True)
    referrer = IntField(required=True)
    referred = IntField(required=True)
    signals = ListField(StringField())
    """What made it look like fraud when it was made; its rewards are held for these reasons."""
    first_order = StringField()
    """The subject (`recharge:5`) of the first paid order since."""
    reverted = ListField(StringField())
    """Subjects of orders that were refunded before they could count: events may come in any order."""
    created_at = DateTimeField(required=True)
    voided_at = DateTimeField()
    """When its signup reward was revoked: from then on it counts in no figure."""

    meta = {"collection": "referrals", "indexes": [
        {"fields": ["referred"], "unique": True},
        ["referrer", "-created_at", "-id"],
    ]}

    @classmethod
    def claim_first_order(cls, *, referred: int, order: str, at: datetime) -> Self | None:
        """Note the first paid order of a referred person, or None: not referred before `at`, or not the first."""
        return cls.change({"referred": referred, "created_at": {"$lte": at}, "voided_at": None, "first_order": None,
                           "reverted": {"$ne": order}}, {"$set": {"first_order": order}})

    @classmethod
    def revert_order(cls, *, referred: int, order: str) -> Self | None:
        """Note that an order was refunded, or return None when it never mattered here.

        It writes even before the order was claimed, so that a claim made at the same time conflicts and looks again.
        """
        return cls.change({"referred": referred, "first_order": {"$in": [None, order]}},
                          {"$addToSet": {"reverted": order}})

    @classmethod
    def void(cls, referral_id: str, now: datetime) -> None:
        """Take the referral out of every figure."""
        cls.change_row({"_id": referral_id, "voided_at": None}, {"$set": {"voided_at": now}})


def _remembered(traces: Iterable[str]) -> dict:
    new = sorted(traces)
    return {"$push": {"traces": {"$each": new, "$slice": -MOST_TRACES}}} if new else {}

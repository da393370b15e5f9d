"""Proofs of the books: ordered, run one at a time, and kept with what they found."""
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from documents.base import Document

KEPT_FOR = timedelta(days=365)
LEASE = timedelta(minutes=10)
"""Longer than any one check: the database keeps the snapshot that it reads for five minutes."""
MAX_LINES = 20
MAX_LINE = 300
THE_ONE = "the one"


class Origin(StrEnum):
    NIGHT = "night"
    CONSOLE = "console"
    COMMAND = "command"


class CheckResult(EmbeddedDocument):
    name = StringField(required=True)
    """What was checked, as a sentence that is true when nothing was found."""
    breaks = IntField(default=0)
    lines = ListField(StringField(max_length=MAX_LINE))
    """The first breaks, a sentence each."""
    milliseconds = IntField(default=0)


class Verification(Document):
    """One proof of the books. It waits while it has no `started_at`, and runs until it has a `finished_at`."""

    id = StringField(primary_key=True)
    """The night that ordered it, such as `night-2026-11-21`, else a UUIDv7."""
    origin = StringField(required=True, choices=[origin.value for origin in Origin])
    ordered_by = IntField()
    """Who asked for it at the console."""
    ordered_at = DateTimeField(required=True)
    started_at = DateTimeField()
    finished_at = DateTimeField()
    ok = BooleanField()
    """Whether nothing is broken; absent until it has ended."""
    breaks = IntField(default=0)
    counted = DictField()
    """How much there was to check: entries, wallets, seals."""
    planned = IntField(default=0)
    """How many checks there are; `checks` grows up to it."""
    checks = EmbeddedDocumentListField(CheckResult)
    error = StringField(max_length=MAX_LINE)
    """Why it could not be carried through."""
    turn = StringField()
    """`THE_ONE` while it waits or runs for a worker: the unique index lets one do so at a time."""
    due_at = DateTimeField()
    """When a worker may take it; while one has it, the end of its lease."""
    attempts = IntField(default=0)

    meta = {"collection": "verifications", "indexes": [
        {"fields": ["finished_at"], "expireAfterSeconds": int(KEPT_FOR.total_seconds())},
        # Not `$type`: MongoDB reads a partial index only when the query's own terms imply its filter.
        {"fields": ["turn"], "unique": True, "partialFilterExpression": {"turn": {"$gt": ""}}},
    ]}

    @classmethod
    def latest(cls) -> Self | None:
        """The one that ended last."""
        return cls.find_one({"finished_at": {"$ne": None}}, sort=[("finished_at", -1)])

    @classmethod
    def open(cls) -> Self | None:
        """The one that waits or runs."""
        return cls.find_one({"turn": THE_ONE})

    @classmethod
    def claim(cls, now: datetime) -> Self | None:
        """Own the open one until the lease ends, or None: none waits, or somebody is at it."""
        return cls.change({"turn": THE_ONE, "due_at": {"$lte": now}},
                          {"$set": {"due_at": now + LEASE, "started_at": now, "checks": []}, "$inc": {"attempts": 1}})

    def note(self, result: CheckResult, *, planned: int, now: datetime) -> bool:
        """Write one more result down and prolong the lease; False when somebody else has taken over."""
        return self.change_row(self._owned(), {"$push": {"checks": result.to_mongo()},
                                               "$set": {"planned": planned, "due_at": now + LEASE}}) is not None

    def finish(self, facts: dict) -> None:
        """End it."""
        self.change_row(self._owned(), {"$set": facts, "$unset": {"turn": "", "due_at": ""}})

    def _owned(self) -> dict:
        # The number of the attempt fences off a worker that outlived its lease.
        return {"_id": self.id, "turn": THE_ONE, "attempts": self.attempts}

"""What staff did at the console: who, when, what, why, and what it looked like before and after."""
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from mongoengine import DateTimeField, DictField, IntField, StringField

from documents.base import Document

WAITS = timedelta(days=7)
"""How long a request can be approved."""


class Status(StrEnum):
    WAITING = "waiting"
    """Above the approval threshold: another member of staff has to approve it."""
    RUNNING = "running"
    """Intended and committed; the outside world is being asked."""
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    """Refused when it was carried out; nothing moved."""


OPEN = (Status.WAITING, Status.RUNNING)
"""What a line can still leave; the others are final."""


class StaffAction(Document):
    """One line of the audit list, and while it waits a request for approval. Never deleted; final lines stay as is."""

    id = StringField(primary_key=True)
    """UUIDv7; also the idempotency key of what the action does."""
    name = StringField(required=True)
    """The action, such as `fund`, or what was edited, such as `plan.update`."""
    subject = StringField(required=True)
    """What it is about, as `kind:id`, such as `wallet:5`."""
    user = IntField()
    """The customer it concerns, if one."""
    arguments = DictField()
    """What was filled in; amounts in minor units."""
    amount = IntField()
    """Minor units of `unit`; absent when no money moves."""
    unit = StringField()
    reason = StringField(max_length=500, default="")
    status = StringField(required=True, choices=[status.value for status in Status])
    maker = IntField(required=True)
    address = StringField(max_length=45, default="")
    """Network address of the maker."""
    made_at = DateTimeField(required=True)
    checker = IntField()
    """Who approved or rejected it; never the maker."""
    checked_at = DateTimeField()
    note = StringField(max_length=500, default="")
    """What the checker said."""
    finished_at = DateTimeField()
    before = DictField()
    after = DictField()
    result = DictField()
    """What it made, such as {"entry": "wallet.funded:…"} or {"refund": …}."""
    refusal = StringField(max_length=500, default="")
    """Why it failed, as the maker was told."""

    meta = {"collection": "staff_actions", "indexes": [
        ["-made_at", "-_id"],
        ["status", "-made_at"],
        ["name", "-made_at"],
        ["maker", "-made_at"],
        ["subject", "-made_at"],
        ["user", "-made_at", "-_id"],
    ]}

    # The last guard of four eyes: not even a hand in the Mongo shell can approve its own request.
    VALIDATOR = {
        "$expr": {"$ne": ["$maker", "$checker"]},
        "$jsonSchema": {"required": ["name", "subject", "status", "maker", "made_at"],
                        "properties": {"status": {"enum": [status.value for status in Status]}}},
    }

    def shown_status(self, now: datetime) -> str:
        """The status, or `expired` for a request that nobody decided in time."""
        return "expired" if self.status == Status.WAITING and self.made_at <= now - WAITS else self.status

    @classmethod
    def approve(cls, action_id: str, *, checker: int, note: str, now: datetime) -> Self | None:
        """Start a request that waits, or None when it waits no longer or is the checker's own: of many one wins."""
        return cls.change(
            {**_waiting(action_id), "made_at": {"$gt": now - WAITS}, "maker": {"$ne": checker}},
            {"$set": {"status": Status.RUNNING.value, "checker": checker, "checked_at": now, "note": note}})

    @classmethod
    def reject(cls, action_id: str, *, checker: int, note: str, now: datetime) -> Self | None:
        """Decline somebody else's request that waits, or None like `approve`; an expired one can be declined."""
        return cls.change(
            {**_waiting(action_id), "maker": {"$ne": checker}},
            {"$set": {"status": Status.REJECTED.value, "checker": checker, "checked_at": now, "note": note,
                      "finished_at": now}})

    @classmethod
    def withdraw(cls, action_id: str, *, maker: int, now: datetime) -> Self | None:
        """Take the maker's own request back, or None when it waits no longer."""
        return cls.change({**_waiting(action_id), "maker": maker}, {"$set": {
            "status": Status.REJECTED.value, "note": "withdrawn", "finished_at": now}})

    @classmethod
    def note_down(cls, action_id: str, **facts: Any) -> Self:
        """Keep facts about a line that the surrounding transaction holds."""
        return cls._held(action_id, facts)

    @classmethod
    def finish(cls, action_id: str, *, now: datetime, **facts: Any) -> Self:
        """Done, in the transaction that holds the line and did it."""
        return cls._held(action_id, {"status": Status.DONE.value, "finished_at": now, **facts})

    @classmethod
    def fail(cls, action_id: str, *, refusal: str, now: datetime, **facts: Any) -> Self | None:
        """It was refused, or None when the line is final: what somebody else finished meanwhile stays done."""
        return cls.change(
            {"_id": action_id, "status": {"$in": [status.value for status in OPEN]}},
            {"$set": {"status": Status.FAILED.value, "refusal": refusal[:500], "finished_at": now, **facts}})

    @classmethod
    def _held(cls, action_id: str, facts: dict) -> Self:
        changed = cls.change({"_id": action_id, "status": Status.RUNNING.value}, {"$set": facts})
        if changed is None:
            raise RuntimeError(f"action {action_id} is not running")
        return changed


def _waiting(action_id: str) -> dict:
    return {"_id": action_id, "status": Status.WAITING.value}

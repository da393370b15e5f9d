"""What staff did at the console: who, when, what, why, and what it looked like before and after."""
from enum import StrEnum

from mongoengine import DateTimeField, DictField, IntField, StringField

from documents.base import Document


class Status(StrEnum):
    WAITING = "waiting"
    """Above the approval threshold: another member of staff has to approve it."""
    RUNNING = "running"
    """Intended and committed; the outside world is being asked."""
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    """Refused when it was carried out; nothing moved."""


class StaffAction(Document):
    """One line of the audit list, and while it waits a request for approval. Never deleted."""

    id = StringField(primary_key=True)
    """UUIDv7; also the idempotency key of what the action does."""
    name = StringField(required=True)
    """The action, such as `fund`, or what was edited, such as `plan.update`."""
    subject = StringField(required=True)
    """What it is about, as `kind:id`, such as `wallet:5`."""
    user = IntField()
    """The customer it concerns, if one."""
    arguments = DictField()
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
    refusal = StringField(max_length=500, default="")
    """Why it failed, as the maker was told."""

    meta = {"collection": "staff_actions", "indexes": [
        ["-made_at", "-_id"],
        ["status", "-made_at"],
        ["maker", "-made_at"],
        ["subject", "-made_at"],
        ["user", "-made_at", "-_id"],
    ]}

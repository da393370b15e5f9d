"""When each job of the schedule ran last and how it ended, whichever clock and worker it was."""
from datetime import datetime

from mongoengine import BooleanField, DateTimeField, StringField

from documents.base import Document

MAX_ERROR = 300


class JobRun(Document):
    name = StringField(primary_key=True)
    """Its name in the schedule."""
    started_at = DateTimeField(required=True)
    finished_at = DateTimeField(required=True)
    ok = BooleanField(required=True)
    error = StringField(max_length=MAX_ERROR)
    """What the last run raised."""

    meta = {"collection": "job_runs"}

    @classmethod
    def note(cls, name: str, *, started_at: datetime, finished_at: datetime, error: str | None = None) -> None:
        """Remember a run in the place of the one before. Never in a transaction."""
        row = {"started_at": started_at, "finished_at": finished_at, "ok": error is None}
        cls.collection().replace_one({"_id": name}, row | ({"error": error[:MAX_ERROR]} if error else {}), upsert=True)

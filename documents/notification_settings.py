"""Which notices an installation sends, and by which ways: one row, changed by staff."""
from datetime import datetime
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField

from documents.base import Document

THE_ROW = 1


class NotificationSettings(Document):
    id = IntField(primary_key=True, default=THE_ROW)
    in_app = BooleanField(default=True)
    email = BooleanField(default=False)
    sms = BooleanField(default=False)
    recharge_success = BooleanField(default=True)
    recharge_failed = BooleanField(default=True)
    new_user_registered = BooleanField(default=True)
    low_balance = BooleanField(default=True)
    maintenance_scheduled = BooleanField(default=False)
    updated_at = DateTimeField()
    """Absent until somebody changed a flag."""

    meta = {"collection": "notification_settings"}

    @classmethod
    def current(cls) -> Self:
        """The settings, which are the defaults until somebody changed one."""
        return cls.find_one({"_id": THE_ROW}) or cls()

    @classmethod
    def update_flags(cls, flags: dict[str, bool], now: datetime) -> Self:
        """Change the given flags; the first change writes the defaults of the others. Never in a transaction."""
        row = cls().to_mongo().to_dict()
        rest = {name: value for name, value in row.items() if name not in flags and name != "_id"}
        update = {"$set": flags | {"updated_at": now}, "$setOnInsert": rest}
        return cls.change({"_id": THE_ROW}, update, upsert=True) or cls.current()

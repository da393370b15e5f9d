"""Who has been told that the wallet runs low: the memory that makes it one notice per crossing."""
from typing import Self

from mongoengine import BooleanField, IntField

from documents.base import Document


class LowBalanceMark(Document):
    user = IntField(primary_key=True)
    is_low = BooleanField(default=True)
    crossings = IntField(default=1)
    """How often the balance has fallen below the threshold; numbers the notices."""

    meta = {"collection": "low_balance_marks"}

    @classmethod
    def fell(cls, user_id: int) -> Self | None:
        """Note that the balance fell below, or return None when that is known: one of many jobs tells it."""
        if cls.find_one({"_id": user_id}) is None:
            return cls(user=user_id).create()
        return cls.change({"_id": user_id, "is_low": False}, {"$set": {"is_low": True}, "$inc": {"crossings": 1}})

    @classmethod
    def rose(cls, user_id: int) -> None:
        """Note that the balance is back above, so that the next fall is told again."""
        cls.change_row({"_id": user_id, "is_low": True}, {"$set": {"is_low": False}})

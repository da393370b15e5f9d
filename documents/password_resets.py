"""Mailed reset links: the newest of a user is good once."""
from datetime import datetime
from typing import Self

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session


class PasswordReset(Document):
    user = IntField(primary_key=True)
    digest = StringField(required=True)
    """HMAC of user and token: the token stands in the mail alone."""
    email = StringField(required=True)
    """Where the link went: it is void once the account's address is another."""
    expires_at = DateTimeField(required=True)

    meta = {"collection": "password_resets", "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}

    @classmethod
    def use_up(cls, user_id: int, digest: str, now: datetime) -> Self | None:
        """Delete the link and return it, or None: of many callers with the right token, one gets it."""
        row = cls.collection().find_one_and_delete(
            {"_id": user_id, "digest": digest, "expires_at": {"$gt": now}}, session=current_session())
        return cls.load(row) if row is not None else None

    @classmethod
    def void(cls, user_id: int) -> None:
        cls.collection().delete_one({"_id": user_id}, session=current_session())

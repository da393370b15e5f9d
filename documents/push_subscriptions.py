"""Browsers that want their person's notices pushed, as they registered with their vendor's push service."""
from typing import Self

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session


class PushSubscription(Document):
    id = StringField(primary_key=True)
    user = IntField(required=True)
    endpoint = StringField(required=True, max_length=1_000)
    """Where the push service takes messages for this browser: whoever knows it and the keys can send them."""
    p256dh = StringField(required=True, max_length=100)
    """The browser's public key, base64url."""
    auth = StringField(required=True, max_length=50)
    """The secret it shares with us, base64url."""
    device = StringField(max_length=300, default="")
    """The `User-Agent` that subscribed, for the person's list."""
    created_at = DateTimeField(required=True)

    meta = {"collection": "push_subscriptions", "indexes": [
        {"fields": ["endpoint"], "unique": True},
        ["user", "-created_at", "-id"],
    ]}

    @classmethod
    def newest_of(cls, user: int, limit: int) -> list[Self]:
        return list(cls.find({"user": user}, sort=[("created_at", -1), ("_id", -1)], limit=limit))

    @classmethod
    def remove(cls, match: dict) -> bool:
        """Delete one; False when there is none."""
        return cls.collection().delete_one(match, session=current_session()).deleted_count == 1

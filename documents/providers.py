"""Providers: the mobile networks whose plans are sold."""
from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document


class Provider(Document):
    """A network. While it is inactive none of its plans is shown or sold."""

    id = IntField(primary_key=True)
    title = StringField(required=True, max_length=100)
    is_active = BooleanField(default=True)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "providers", "indexes": [{"fields": ["title"], "unique": True}]}

"""The transactional outbox: what happened, written in the same transaction as its cause."""
from mongoengine import DateTimeField, DictField, IntField, StringField

from documents.base import Document


class Event(Document):
    type = StringField(required=True)
    """Dotted past tense, such as `recharge.succeeded`."""
    subject = StringField(required=True)
    """What it is about, as `kind:id`."""
    user = IntField()
    merchant = IntField()
    data = DictField()
    created_at = DateTimeField(required=True)
    dispatched_at = DateTimeField()
    """When its consequences (notices, mails, hooks) were all recorded; absent while they are owed."""

    meta = {"collection": "events", "indexes": [
        {"fields": ["created_at"], "name": "undispatched", "partialFilterExpression": {"dispatched_at": None}},
        ["user", "-created_at"],
        ["subject", "created_at"],
    ]}

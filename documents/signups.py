"""Signups that nobody has verified yet: they hold no address, so an address stays free until it is proved."""
from datetime import timedelta

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document

KEPT_FOR = timedelta(days=1)


class Signup(Document):
    """What becomes a user when its code is entered. Every attempt is its own document: a code verifies exactly the
    attempt it was sent for, so nobody's password rides on somebody else's code."""

    id = IntField(primary_key=True)
    """The id that the user will have."""
    email = StringField(max_length=254)
    phone = StringField(max_length=16)
    username = StringField(max_length=150)
    first_name = StringField(max_length=150, default="")
    last_name = StringField(max_length=150, default="")
    password = StringField(required=True)
    referral_code = StringField(max_length=20)
    created_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {"collection": "signups", "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}

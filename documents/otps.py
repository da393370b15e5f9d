"""One-time codes: one live code an address, guessed at most five times."""
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session

MAX_TRIES = 5
REMEMBERED_FOR = timedelta(days=1)


class Purpose(StrEnum):
    SIGN_IN = "sign_in"
    """Proving an address: after a signup or registration, to log in, or to confirm a change."""
    RESET = "reset"
    """Setting a new password."""


class Otp(Document):
    """The newest code of one address; sending another one replaces it."""

    address = StringField(primary_key=True)
    """A normalised e-mail address or phone number."""
    purpose = StringField(required=True, choices=[member.value for member in Purpose])
    digest = StringField(required=True)
    """HMAC of address, purpose and code: the code itself is stored nowhere."""
    tries = IntField(default=0)
    subject = IntField()
    """The signup or registered user that the code was first sent for."""
    client = StringField(default="")
    """The network address that asked for the first code of the subject."""
    contested = BooleanField(default=False)
    """Whether another client asked for a code of the same address before one was entered."""
    expires_at = DateTimeField(required=True)
    forgotten_at = DateTimeField(required=True)
    """Later than the code's expiry, so that a resend still knows its subject."""

    meta = {"collection": "otps", "indexes": [{"fields": ["forgotten_at"], "expireAfterSeconds": 0}]}

    @classmethod
    def count_try(cls, address: str, purposes: tuple[Purpose, ...], now: datetime) -> Self | None:
        """Count one guess and return what to judge it by, or None when no code is live or its tries are used up."""
        return cls.change(
            {"_id": address, "purpose": {"$in": [purpose.value for purpose in purposes]},
             "expires_at": {"$gt": now}, "tries": {"$lt": MAX_TRIES}},
            {"$inc": {"tries": 1}})

    def use_up(self) -> bool:
        """Delete this very code; of many callers who entered it rightly, one hears True."""
        match = {"_id": self.address, "digest": self.digest}
        return self.collection().delete_one(match, session=current_session()).deleted_count == 1

"""Wallets: the only accounts that keep a running balance."""
from datetime import datetime

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session

POINTS = "POINTS"


class Wallet(Document):
    """One person's money in one unit. The balance is changed by services/ledger.py alone."""

    id = IntField(primary_key=True)
    owner = IntField(required=True)
    owner_email = StringField(max_length=254)
    """A copy of the owner's, like `owner_type`: a page of wallets is not joined with twenty users."""
    owner_type = IntField()
    unit = StringField(required=True, max_length=10)
    """The installation's currency, or POINTS."""
    balance = IntField(default=0)
    """Minor units; the fold of the wallet's legs."""
    seq = IntField(default=0)
    """How many legs the wallet has; the newest leg carries this number."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "wallets", "indexes": [
        {"fields": ["owner", "unit"], "unique": True},
        ["unit", "balance"],
    ]}

    # The server refuses an overdraft by itself: not even a hand in the Mongo shell can make one.
    VALIDATOR = {
        "$jsonSchema": {
            "required": ["owner", "unit", "balance", "seq"],
            "properties": {"balance": {"bsonType": ["int", "long"], "minimum": 0},
                           "seq": {"bsonType": ["int", "long"], "minimum": 0}}},
    }

    @classmethod
    def name_owner(cls, user: dict) -> None:
        """Copy e-mail and role of the stored row of a user to its wallets; in the transaction that changes them."""
        cls.collection().update_many({"owner": user["_id"]}, {"$set": {
            "owner_email": user.get("email"), "owner_type": user["user_type"]}}, session=current_session())

    @classmethod
    def move(cls, wallet_id: int, amount: int, now: datetime) -> dict | None:
        """Add `amount` minor units (negative takes) and return the row, or None: the filter is the overdraft rule."""
        match = {"_id": wallet_id} if amount >= 0 else {"_id": wallet_id, "balance": {"$gte": -amount}}
        return cls.change_row(match, {"$inc": {"balance": amount, "seq": 1}, "$max": {"updated_at": now}})

"""What members of staff moved alone in the last day: the cap that splitting an amount cannot get round."""
from datetime import datetime, timedelta

from mongoengine import DateTimeField, EmbeddedDocument, EmbeddedDocumentListField, IntField, StringField

from documents.base import Document

WINDOW = timedelta(hours=24)


class Move(EmbeddedDocument):
    at = DateTimeField(required=True)
    amount = IntField(required=True)
    """Minor units, of whatever unit."""


class StaffSpending(Document):
    """The moves of one member of staff for one customer."""

    key = StringField(primary_key=True)
    """`<maker>:<customer>`"""
    moves = EmbeddedDocumentListField(Move)
    expires_at = DateTimeField(required=True)

    meta = {"collection": "staff_spending", "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}]}

    @classmethod
    def take(cls, key: str, amount: int, *, most: int, now: datetime) -> bool:
        """Count `amount` minor units, or return False when the last 24 hours would then come to more than `most`.

        The sum stands in the filter of the write, in the transaction that moves the money: two halves at once
        cannot both pass.
        """
        recent = {"$filter": {"input": "$moves", "cond": {"$gt": ["$$this.at", now - WINDOW]}}}
        spent = {"$reduce": {"input": recent, "initialValue": 0, "in": {"$add": ["$$value", "$$this.amount"]}}}
        move = {"at": now, "amount": amount}
        found = cls.change_row(
            {"_id": key, "$expr": {"$lte": [{"$add": [spent, amount]}, most]}},
            [{"$set": {"moves": {"$concatArrays": [recent, [move]]}, "expires_at": now + WINDOW}}])
        if found is not None:
            return True
        if amount > most or cls.find_one({"_id": key}) is not None:
            return False
        cls.insert({"_id": key, "moves": [move], "expires_at": now + WINDOW})
        return True

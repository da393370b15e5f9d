"""Settlements: what a merchant is paid for a set of payments, and the book that keeps them one after the other."""
from datetime import datetime
from enum import StrEnum
from typing import Self

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document


class Kind(StrEnum):
    CYCLE = "CYCLE"
    """Closed by the merchant's settlement cycle; it pays out all that is due."""
    MANUAL = "MANUAL"
    """Asked for by a person; what is due beyond its amount is carried forward."""


class Status(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"
    CARRIED = "CARRIED"
    """Nothing was left to pay out: the rest, often negative, went into the next one."""


class Settlement(Document):
    """One closing of a merchant's account; amounts in minor units.

    amount = brought_forward + gross + subsidy - refunds - fee - collected_in_cash - carried_forward.
    """

    id = StringField(primary_key=True)
    """UUIDv7."""
    merchant = IntField(required=True)
    kind = StringField(required=True, choices=list(Kind))
    amount = IntField(required=True, min_value=0)
    """What is transferred to the merchant."""
    brought_forward = IntField(required=True)
    gross = IntField(required=True)
    """What payers paid."""
    subsidy = IntField(required=True)
    """What the house adds for its own coupons."""
    refunds = IntField(required=True)
    """What refunds took from the merchant, the subsidy that went back included."""
    fee = IntField(required=True)
    collected_in_cash = IntField(required=True)
    """What the merchant already holds."""
    carried_forward = IntField(required=True)
    fee_basis_points = IntField(required=True)
    payment_count = IntField(required=True)
    refund_count = IntField(required=True)
    status = StringField(required=True, choices=list(Status))
    settlement_date = DateTimeField(required=True)
    """It holds what was completed before this moment."""
    requested_by = IntField()
    paid_by = IntField()
    paid_at = DateTimeField()
    created_at = DateTimeField(required=True)

    meta = {"collection": "settlements", "indexes": [
        ["merchant", "-settlement_date", "-id"],
        ["merchant", "status"],
        ["status", "-settlement_date", "-id"],
        ["-settlement_date", "-id"],
    ]}

    VALIDATOR = {"$expr": {"$eq": ["$amount", {"$subtract": [
        {"$add": ["$brought_forward", "$gross", "$subsidy"]},
        {"$add": ["$refunds", "$fee", "$collected_in_cash", "$carried_forward"]}]}]},
        "$jsonSchema": {"properties": {"amount": {"minimum": 0}, "fee": {"minimum": 0}}}}

    @classmethod
    def pay(cls, settlement_id: str, *, by: int, now: datetime) -> Self | None:
        """Mark a pending settlement as paid, or None: of many callers one wins."""
        return cls.change({"_id": settlement_id, "status": Status.PENDING},
                          {"$set": {"status": Status.PAID, "paid_by": by, "paid_at": now}})


class SettlementBook(Document):
    """One a merchant: whoever settles writes it first, so settlements of a merchant follow each other.

    Payers never touch it.
    """

    id = IntField(primary_key=True)
    """The merchant."""
    carried = IntField(default=0)
    """Minor units that the last settlement left over; negative when the merchant owes."""
    closings = IntField(default=0)
    closed_at = DateTimeField(required=True)

    meta = {"collection": "settlement_books", "indexes": [
        {"fields": ["closed_at"], "name": "left_over", "partialFilterExpression": {"carried": {"$gt": 0}}},
    ]}

    @classmethod
    def take(cls, merchant_id: int, now: datetime) -> Self | None:
        """Lock the book for the surrounding transaction: another settlement starts over after this one."""
        return cls.change({"_id": merchant_id}, {"$inc": {"closings": 1}, "$max": {"closed_at": now}})

    @classmethod
    def carry(cls, merchant_id: int, amount: int) -> None:
        cls.change_row({"_id": merchant_id}, {"$set": {"carried": amount}})

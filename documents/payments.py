"""Payments of every kind (POS, card, top-up): one document, one state machine that only moves forward."""
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    StringField,
)

from documents.base import Document
from documents.money import MAX_AMOUNT

EXPIRES_AFTER = timedelta(minutes=15)
"""How long an unpaid QR payment can be paid."""


class Kind(StrEnum):
    POS = "POS"
    CARD = "CARD"
    TOPUP = "TOPUP"
    WALLET = "WALLET"
    """Something of the house's own, paid from the wallet at once."""


class Method(StrEnum):
    WALLET = "wallet"
    CARD = "card"
    CASH = "cash"
    UPI = "upi"
    RAZORPAY = "razorpay"


class Status(StrEnum):
    PENDING = "PENDING"
    SCANNED = "SCANNED"
    """A customer has the QR code on its screen."""
    PROCESSING = "PROCESSING"
    """A gateway was asked and has not answered for good."""
    SUCCESS = "SUCCESS"
    """Paid; part of it may have been refunded."""
    REFUNDED = "REFUNDED"
    """Paid, and all of it was given back."""
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


UNPAID = (Status.PENDING, Status.SCANNED)
"""Open to be paid at the counter."""
OPEN = (*UNPAID, Status.PROCESSING)
PAID = (Status.SUCCESS, Status.REFUNDED)
_ENDS = frozenset({Status.SUCCESS, Status.FAILED, Status.CANCELLED, Status.EXPIRED})
EDGES: dict[Status, frozenset[Status]] = {
    Status.PENDING: _ENDS | {Status.SCANNED, Status.PROCESSING},
    Status.SCANNED: _ENDS | {Status.PROCESSING},
    Status.PROCESSING: _ENDS,
    Status.SUCCESS: frozenset({Status.REFUNDED}),
    Status.REFUNDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
"""Where a payment may go from where it is."""
LATE = (Status.FAILED, Status.CANCELLED, Status.EXPIRED)
"""What a gateway may still turn into SUCCESS: it has captured money after we had given the payment up."""


class UsedCoupon(EmbeddedDocument):
    """The coupon that the discount comes from."""

    id = IntField(required=True)
    code = StringField(required=True)
    redemption = StringField()
    funded_by = StringField(required=True, choices=["merchant", "house"])
    """Who bears the discount; the house pays its share to the merchant."""


class Gateway(EmbeddedDocument):
    """What the payment is at the gateway that takes the money."""

    name = StringField(required=True)
    intent = StringField()
    """The gateway's id of the payment, unique over all payments."""
    charge = StringField()
    """The gateway's id of the capture, which refunds name."""
    code = StringField()
    """Why the gateway refused; absent otherwise."""
    status_checked_at = DateTimeField()


class Payment(Document):
    """One sum that somebody owes and pays, once. All amounts are minor units of `currency`."""

    id = StringField(primary_key=True)
    """UUIDv7."""
    kind = StringField(required=True, choices=list(Kind))
    merchant = IntField()
    user = IntField()
    """Who pays; absent while nobody has."""
    created_by = IntField(required=True)
    amount = IntField(required=True, min_value=1, max_value=MAX_AMOUNT)
    """Before the discount."""
    discount = IntField(default=0, min_value=0)
    final_amount = IntField(required=True, min_value=0)
    """What the payer pays."""
    currency = StringField(required=True)
    method = StringField(choices=list(Method))
    """How it was paid; absent until somebody chose."""
    status = StringField(required=True, choices=list(Status))
    captured = IntField(default=0)
    """What was really taken; refunds never exceed it."""
    refunded = IntField(default=0)
    """What was given back for good."""
    refunding = IntField(default=0)
    """What approved refunds have reserved and not given back yet."""
    purpose = DictField()
    """What it buys, such as {"kind": "voucher", "voucher_type": 3, "quantity": 2}."""
    withheld = BooleanField()
    """Present when the money was taken and what it buys could not be given any more: all of it goes back."""
    coupon = EmbeddedDocumentField(UsedCoupon)
    gateway = EmbeddedDocumentField(Gateway)
    wallet = IntField()
    """The wallet that paid, for `wallet` payments."""
    keys = ListField(StringField())
    """Idempotency scopes that led here, unique over all payments."""
    fingerprint = StringField()
    """What a repeat under one of `keys` must equal."""
    settlement = StringField()
    """The one settlement it belongs to."""
    to_settle = BooleanField()
    """Present from success until a settlement takes it: the index of what is owed to a merchant."""
    notes = StringField(default="", max_length=500)
    expires_at = DateTimeField()
    """Until when it can be paid; absent when it does not expire by itself."""
    next_check_at = DateTimeField()
    """When to ask the gateway again."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)
    completed_at = DateTimeField()

    meta = {"collection": "payments", "indexes": [
        # Not `$type`: MongoDB reads a partial index only when the query's own terms imply its filter.
        {"fields": ["keys"], "unique": True, "partialFilterExpression": {"keys": {"$gt": ""}}},
        {"fields": ["gateway.intent"], "unique": True, "partialFilterExpression": {"gateway.intent": {"$gt": ""}}},
        ["merchant", "-created_at", "-id"],
        ["merchant", "status", "-created_at", "-id"],
        ["user", "-created_at", "-id"],
        ["kind", "-created_at", "-id"],
        # For staff, who look for what failed or hangs at any merchant.
        ["status", "-created_at", "-id"],
        ["merchant", "completed_at"],
        ["completed_at"],
        {"fields": ["merchant", "completed_at", "id"], "name": "to_settle",
         "partialFilterExpression": {"to_settle": True}},
        {"fields": ["settlement", "id"], "partialFilterExpression": {"settlement": {"$gt": ""}}},
        # Everything that figures need, so that they read no payment itself.
        {"fields": ["purpose.kind", "completed_at", "status", "purpose.voucher_type", "captured", "refunded", "method",
                    "purpose.quantity"],
         "name": "purchases", "partialFilterExpression": {"purpose.kind": {"$gt": ""}}},
        {"fields": ["expires_at"], "name": "to_expire",
         "partialFilterExpression": {"status": {"$in": [*UNPAID]}}},
        {"fields": ["next_check_at"], "name": "to_check",
         "partialFilterExpression": {"next_check_at": {"$exists": True}}},
    ]}

    # The last guard of the refund cap: not even a hand in the Mongo shell can give back more than was taken.
    VALIDATOR = {
        "$expr": {"$and": [
            {"$eq": ["$final_amount", {"$subtract": ["$amount", "$discount"]}]},
            {"$lte": [{"$add": ["$refunded", "$refunding"]}, "$captured"]},
        ]},
        "$jsonSchema": {"required": ["kind", "amount", "discount", "final_amount", "status", "captured", "refunded"],
                        "properties": {"status": {"enum": list(Status)}, "kind": {"enum": list(Kind)},
                                       "refunded": {"minimum": 0}, "refunding": {"minimum": 0}}},
    }

    @property
    def subject(self) -> str:
        """What events and redemptions of this payment are filed under."""
        return subject_of(self.id)

    @property
    def house_discount(self) -> int:
        """The part of the discount that the house pays to the merchant."""
        return self.discount if self.coupon is not None and self.coupon.funded_by == "house" else 0

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded - self.refunding

    @classmethod
    def advance(cls, payment_id: str, to: Status, *, now: datetime, match: dict | None = None, late: bool = False,
                unset: Iterable[str] = (), **facts: Any) -> Self | None:
        """Move the payment to `to` along an allowed edge, or None when there is none from where it is: one wins.

        `match` narrows further; `facts` are stored, `unset` removed. `late` also accepts a payment that had been
        given up, if a gateway knows it.
        """
        where: dict = {"status": {"$in": [state for state, ends in EDGES.items() if to in ends]}}
        if late:
            where = {"$or": [where, {"status": {"$in": [*LATE]}, "gateway.intent": {"$gt": ""}}]}
        update: dict = {"$set": {"status": to, "updated_at": now,
                                 **{name: value for name, value in facts.items() if value is not None}}}
        if unset:
            update["$unset"] = dict.fromkeys(unset, "")
        return cls.change({"$and": [{"_id": payment_id}, where, match or {}]}, update)

    @classmethod
    def adopt(cls, payment_id: str, intent: str) -> Self | None:
        """Note under which id the gateway knows the payment, or None when that is known: the first one stays."""
        return cls.change({"_id": payment_id, "gateway.intent": {"$exists": False}},
                          {"$set": {"gateway.intent": intent}})

    @classmethod
    def reserve_refund(cls, payment_id: str, amount: int, *, now: datetime, match: dict | None = None) -> Self | None:
        """Set `amount` aside for a refund, or None: the filter is the cap, so no two refunds share a minor unit."""
        room = {"$lte": [{"$add": ["$refunded", "$refunding", amount]}, "$captured"]}
        return cls.change({"$and": [{"_id": payment_id, "status": Status.SUCCESS, "$expr": room}, match or {}]},
                          {"$inc": {"refunding": amount}, "$set": {"updated_at": now}})

    @classmethod
    def finish_refund(cls, payment_id: str, amount: int, *, now: datetime) -> Self | None:
        """What was set aside has been given back; the last refund makes the payment REFUNDED."""
        refunded = {"$add": ["$refunded", amount]}
        return cls.change(
            {"_id": payment_id, "status": Status.SUCCESS, "refunding": {"$gte": amount}},
            [{"$set": {"refunded": refunded, "refunding": {"$subtract": ["$refunding", amount]}, "updated_at": now,
                       "status": {"$cond": [{"$eq": [refunded, "$captured"]}, Status.REFUNDED, "$status"]}}}])

    @classmethod
    def drop_refund(cls, payment_id: str, amount: int, *, now: datetime) -> Self | None:
        """What was set aside stays with us after all."""
        return cls.change({"_id": payment_id, "refunding": {"$gte": amount}},
                          {"$inc": {"refunding": -amount}, "$set": {"updated_at": now}})


def subject_of(payment_id: str) -> str:
    return f"payment:{payment_id}"

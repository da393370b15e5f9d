"""Vouchers: paid for, then redeemed until their uses or their time run out. Their state is always worked out."""
from datetime import datetime
from enum import StrEnum

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)

from documents.base import Document
from documents.transactions import current_session

MAX_LOG = 300
"""A voucher that was handed on this often stays where it is."""


class Status(StrEnum):
    """Never stored: an expired voucher would otherwise count as active until somebody looked at it."""

    ACTIVE = "active"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    """Its money was given back."""


class TypeCopy(EmbeddedDocument):
    """The voucher type as it was when the voucher was bought."""

    id = IntField(required=True)
    name = StringField(required=True)
    type_code = StringField(required=True)
    description = StringField(default="")
    price = IntField(required=True)
    validity_days = IntField(required=True)
    usage_limit = IntField(required=True)
    bearer = BooleanField(default=False)
    is_active = BooleanField(default=True)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)


class LogLine(EmbeddedDocument):
    """One thing that happened to a voucher."""

    what = StringField(required=True)
    """issued, redeemed, assigned, withdrawn, cancelled, reinstated."""
    at = DateTimeField(required=True)
    by = IntField()
    """Who did it; absent for the system."""
    note = StringField(default="")


class Voucher(Document):
    """One voucher. Amounts are minor units."""

    id = StringField(primary_key=True)
    """UUIDv7."""
    code = StringField(required=True, max_length=20)
    """See services/voucher_codes.py."""
    type = EmbeddedDocumentField(TypeCopy, required=True)
    buyer = IntField(required=True)
    owner = IntField()
    """Who may redeem it; absent while it waits for whoever proves the number `phone`."""
    phone = StringField()
    """The number (E.164) it was given to while no account had proved that; absent otherwise."""
    payment = StringField(required=True)
    number = IntField(required=True)
    """Its place among the vouchers of the payment, from 1."""
    paid = IntField(required=True)
    """Its share of what the payment took; the shares of a payment add up to it."""
    usage_count = IntField(default=0)
    uses_left = IntField(required=True)
    issued_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    """The last moment at which it can be redeemed."""
    last_used_at = DateTimeField()
    cancelled_at = DateTimeField()
    log = EmbeddedDocumentListField(LogLine)

    meta = {"collection": "vouchers", "indexes": [
        {"fields": ["code"], "unique": True},
        # What makes issuing twice for one payment impossible.
        {"fields": ["payment", "number"], "unique": True},
        ["owner", "-issued_at", "-id"],
        {"fields": ["phone", "-issued_at", "-id"], "partialFilterExpression": {"phone": {"$gt": ""}}},
        ["buyer", "-issued_at", "-id"],
        # Everything that counts need, so that no voucher itself is read for them.
        {"fields": ["issued_at", "type.id", "expires_at", "uses_left", "usage_count", "cancelled_at"],
         "name": "counts"},
    ]}

    # The last guard of the uses: not even a hand in the Mongo shell makes more of them.
    VALIDATOR = {
        "$expr": {"$eq": [{"$add": ["$usage_count", "$uses_left"]}, "$type.usage_limit"]},
        "$jsonSchema": {"required": ["code", "type", "payment", "number", "usage_count", "uses_left", "expires_at"],
                        "properties": {"uses_left": {"minimum": 0}, "usage_count": {"minimum": 0}}},
    }

    @classmethod
    def use(cls, code: str, allowed: dict, line: dict, *, now: datetime) -> dict | None:
        """Redeem it once, or None: the filter is every rule there is, so the last use has one winner."""
        match = {"$and": [{"code": code, **redeemable(now)}, allowed]}
        return cls.change_row(match, {"$inc": {"usage_count": 1, "uses_left": -1}, "$set": {"last_used_at": now},
                                      "$push": {"log": line}})

    @classmethod
    def hand_over(cls, voucher_id: str, holder: dict, update: dict, line: dict, *, now: datetime) -> dict | None:
        """Give it from `holder` (as it was read) to somebody else, or None when it is theirs or good no more."""
        match = {"$and": [{"_id": voucher_id, **redeemable(now), f"log.{MAX_LOG}": {"$exists": False}}, holder]}
        return cls.change_row(match, {**update, "$push": {"log": line}})

    @classmethod
    def cancel(cls, voucher_ids: list[str], line: dict, *, now: datetime) -> int:
        """Cancel those of them that were never used, and return how many that were."""
        match = {"_id": {"$in": voucher_ids}, "usage_count": 0, "cancelled_at": None}
        return cls._change_all(match, {"$set": {"cancelled_at": now}, "$push": {"log": line}})

    @classmethod
    def reinstate(cls, voucher_ids: list[str], line: dict) -> int:
        """Take the cancellation back, and return of how many."""
        match = {"_id": {"$in": voucher_ids}, "cancelled_at": {"$ne": None}}
        return cls._change_all(match, {"$unset": {"cancelled_at": ""}, "$push": {"log": line}})

    @classmethod
    def _change_all(cls, match: dict, update: dict) -> int:
        return cls.collection().update_many(match, update, session=current_session()).modified_count


def redeemable(now: datetime) -> dict:
    """The filter for vouchers that can be redeemed at `now`."""
    return in_state(Status.ACTIVE, now)


def in_state(status: Status, now: datetime) -> dict:
    """The filter for vouchers that are in this state at `now`: `state_of`, as a query."""
    if status is Status.CANCELLED:
        return {"cancelled_at": {"$ne": None}}
    if status is Status.USED:
        return {"cancelled_at": None, "uses_left": 0}
    time = {"$gte": now} if status is Status.ACTIVE else {"$lt": now}
    return {"cancelled_at": None, "uses_left": {"$gte": 1}, "expires_at": time}


def state_of(row: dict, now: datetime) -> Status:
    """The state of a voucher, from its row: cancelled before used before expired."""
    if row.get("cancelled_at") is not None:
        return Status.CANCELLED
    if row["uses_left"] == 0:
        return Status.USED
    return Status.EXPIRED if row["expires_at"] < now else Status.ACTIVE

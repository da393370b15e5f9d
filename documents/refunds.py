"""Refunds: money of one payment on its way back."""
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from documents.base import Document


class Status(StrEnum):
    PENDING = "pending"
    """Asked for; nobody has approved it, nothing is reserved."""
    PROCESSING = "processing"
    """Approved: reserved on the payment, and the gateway is asked."""
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"


EDGES: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PROCESSING, Status.REJECTED}),
    Status.PROCESSING: frozenset({Status.COMPLETED, Status.FAILED}),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.REJECTED: frozenset(),
}


class Refund(Document):
    """One refund of one payment. Money moves only when it becomes completed."""

    id = StringField(primary_key=True)
    """UUIDv7."""
    payment = StringField(required=True)
    merchant = IntField()
    user = IntField()
    """Who is paid back."""
    requested_by = IntField(required=True)
    decided_by = IntField()
    """The staff member who approved or rejected it."""
    amount = IntField(required=True, min_value=1)
    """Minor units the payer gets back."""
    subsidy = IntField(default=0)
    """Minor units of the house's discount that go back to the house with it."""
    method = StringField(required=True)
    """How the payment was made, and so the way back."""
    into = StringField()
    """The account it is paid into; absent when the money goes back where it came from."""
    out_of = StringField()
    """The account that bears it; absent when it is the one that had received the payment."""
    origin = StringField(choices=["gateway", "dispute"])
    """Who paid it back without us: somebody in the gateway's dashboard, or the payer's bank. Absent for our own."""
    reason = StringField(default="", max_length=500)
    notes = StringField(default="", max_length=500)
    """What the customer added when asking for it."""
    decision = StringField(default="", max_length=500)
    """What staff added when deciding."""
    status = StringField(required=True, choices=list(Status))
    awaiting = BooleanField()
    """Present while it is pending: the index that allows one request at a time."""
    gateway_refund = StringField()
    """The gateway's id of the refund, unique over all refunds."""
    code = StringField()
    """Why it failed; absent otherwise."""
    keys = ListField(StringField())
    """Idempotency scopes that led here, unique over all refunds."""
    fingerprint = StringField()
    to_settle = BooleanField()
    """Present from completion until a settlement of the merchant takes it."""
    settlement = StringField()
    next_check_at = DateTimeField()
    """When to ask the gateway again."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)
    completed_at = DateTimeField()

    meta = {"collection": "refunds", "indexes": [
        ["payment", "created_at"],
        {"fields": ["payment"], "name": "one_open_request", "unique": True,
         "partialFilterExpression": {"awaiting": True}},
        ["merchant", "-created_at", "-id"],
        ["user", "-created_at", "-id"],
        ["status", "-created_at", "-id"],
        ["merchant", "completed_at"],
        ["completed_at"],
        {"fields": ["keys"], "unique": True, "partialFilterExpression": {"keys": {"$gt": ""}}},
        {"fields": ["gateway_refund"], "unique": True, "partialFilterExpression": {"gateway_refund": {"$gt": ""}}},
        {"fields": ["merchant", "completed_at", "id"], "name": "to_settle",
         "partialFilterExpression": {"to_settle": True}},
        {"fields": ["settlement", "id"], "partialFilterExpression": {"settlement": {"$gt": ""}}},
        {"fields": ["next_check_at"], "name": "to_check",
         "partialFilterExpression": {"next_check_at": {"$exists": True}}},
    ]}

    VALIDATOR = {"$jsonSchema": {"required": ["payment", "amount", "status"], "properties": {
        "status": {"enum": list(Status)}, "amount": {"minimum": 1}}}}

    @classmethod
    def advance(cls, refund_id: str, to: Status, *, now: datetime, **facts: Any) -> Self | None:
        """Move the refund to `to` along an allowed edge, or None: of many callers one wins."""
        sources = [state for state, ends in EDGES.items() if to in ends]
        return cls.change({"_id": refund_id, "status": {"$in": sources}},
                          {"$set": {"status": to, "updated_at": now,
                                    **{name: value for name, value in facts.items() if value is not None}},
                           "$unset": {"awaiting": "", "next_check_at": ""} if to != Status.PROCESSING
                           else {"awaiting": ""}})

    @classmethod
    def lease(cls, refund_id: str, *, seen: datetime | None, until: datetime) -> Self | None:
        """Own a processing refund while the gateway is asked, or None: of many callers one gets it."""
        return cls.change({"_id": refund_id, "status": Status.PROCESSING, "next_check_at": seen},
                          {"$set": {"next_check_at": until}})

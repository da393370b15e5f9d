"""Recharges: one purchase of airtime, and every attempt to deliver it."""
from datetime import datetime
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from documents import clock
from documents.base import Document
from documents.plans import PlanProvider

MAX_ATTEMPTS = 50


class Status(StrEnum):
    """What the customer sees."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class AttemptStatus(StrEnum):
    """What became of one attempt, and of its money."""

    REFUSED = "refused"
    """The wallet could not pay; the operator never heard of it."""
    PENDING = "pending"
    """The money waits in clearing."""
    SUCCESS = "success"
    """Delivered and paid for."""
    LATE = "late"
    """Delivered after it had been paid back, and charged anew."""
    FAILED = "failed"
    """Not delivered, and paid back."""
    LOST = "lost"
    """Delivered after it had been paid back, and nobody pays: the house bears the cost."""


PAID = (AttemptStatus.SUCCESS, AttemptStatus.LATE)
DELIVERED = (*PAID, AttemptStatus.LOST)


class PlanCopy(EmbeddedDocument):
    """The plan as it was when it was bought."""

    id = IntField(required=True)
    provider = EmbeddedDocumentField(PlanProvider, required=True)
    title = StringField(required=True)
    description = StringField(default="")
    identifier = StringField(required=True)
    amount = IntField(required=True)
    validity = IntField(required=True)
    is_active = BooleanField(default=True)
    created_at = DateTimeField(required=True)


class Upline(EmbeddedDocument):
    """The distributor above the payer and what it earns if the attempt succeeds, in minor units."""

    user = IntField(required=True)
    amount = IntField(required=True)


class Attempt(EmbeddedDocument):
    """One delivery asked of the operator. Prices and margins are those of the moment it was charged."""

    number = IntField(required=True)
    reference = StringField(required=True)
    """What the operator knows it by: `<transaction id>-<number>`."""
    net = IntField(required=True)
    """The price less the commission, in minor units: what the wallet pays, less `discount`."""
    coupon = StringField()
    discount = IntField()
    """What `coupon` took off; the house pays it. Absent without one."""
    commission = IntField(required=True)
    wallet = IntField()
    """The wallet that paid; absent when none did."""
    upline = EmbeddedDocumentField(Upline)
    status = StringField(required=True, choices=list(AttemptStatus))
    code = StringField(max_length=50)
    """Why it failed or was refused, such as OPERATOR_DECLINED."""
    operator_ref = StringField(max_length=100)
    contradicted = BooleanField()
    """The operator called it failed after it had called it delivered: for staff to look at."""
    key = StringField()
    """The scope of the Idempotency-Key it was asked with; it also stands in `Recharge.keys`."""
    fingerprint = StringField()
    started_at = DateTimeField(required=True)
    finished_at = DateTimeField()


class Recharge(Document):
    """A purchase. `payment_status` goes pending → success or failed; failed may be retried or succeed late."""

    id = IntField(primary_key=True)
    user = IntField(required=True)
    plan = EmbeddedDocumentField(PlanCopy, required=True)
    amount = IntField(required=True)
    """The face price in minor units."""
    phone_number = StringField(required=True, max_length=16)
    payment_method = StringField(max_length=50)
    transaction_id = StringField(required=True)
    payment_status = StringField(required=True, choices=list(Status))
    code = StringField(max_length=50)
    """Why it failed; absent otherwise."""
    attempts = EmbeddedDocumentListField(Attempt)
    keys = ListField(StringField())
    """Idempotency scopes that led here, unique over all recharges, kept for good."""
    lease_until = DateTimeField()
    """Until then whoever started the attempt is talking to the operator; afterwards anybody may carry it on."""
    next_check_at = DateTimeField()
    needs_attention = BooleanField()
    """The operator did not say for a day: a person has to decide."""
    upline_due = IntField()
    """The distributor whose commission on this recharge is not in its wallet yet."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)
    completed_at = DateTimeField()

    meta = {"collection": "recharges", "indexes": [
        {"fields": ["transaction_id"], "unique": True},
        # Not `$type`: MongoDB reads a partial index only when the query's own terms imply its filter.
        {"fields": ["keys"], "unique": True, "partialFilterExpression": {"keys": {"$gt": ""}}},
        ["user", "-created_at", "-id"],
        ["user", "payment_status", "-created_at", "-id"],
        ["user", "amount", "id"],
        ["user", "plan.provider.id", "-created_at", "-id"],
        # For staff: what waits, and how each provider does, read from the index alone.
        ["payment_status", "-created_at", "plan.provider.id"],
        {"fields": ["next_check_at"], "name": "to_check",
         "partialFilterExpression": {"next_check_at": {"$exists": True}}},
        {"fields": ["upline_due", "id"], "name": "uplines_due",
         "partialFilterExpression": {"upline_due": {"$exists": True}}},
    ]}

    VALIDATOR = {"$jsonSchema": {"required": ["user", "amount", "payment_status", "attempts"], "properties": {
        "payment_status": {"enum": list(Status)},
        "attempts": {"bsonType": "array", "minItems": 1, "maxItems": MAX_ATTEMPTS}}}}

    @property
    def delivered(self) -> bool:
        return any(attempt.status in DELIVERED for attempt in self.attempts)

    @property
    def last_attempt(self) -> Attempt:
        return self.attempts[-1]

    def attempt(self, number: int) -> Attempt:
        return self.attempts[number - 1]

    @property
    def submitted(self) -> list[Attempt]:
        """The attempts that the operator may know."""
        return [attempt for attempt in self.attempts if attempt.status != AttemptStatus.REFUSED]

    @property
    def upline_earned(self) -> int:
        """Minor units that the distributor above earned on the delivery."""
        return sum(attempt.upline.amount for attempt in self.attempts
                   if attempt.status in PAID and attempt.upline is not None)

    def attempt_of_key(self, key: str) -> Attempt | None:
        """The attempt that the idempotency scope `key` started."""
        return next((attempt for attempt in self.attempts if attempt.key == key), None)

    @classmethod
    def lease(cls, recharge_id: int, *, now: datetime, until: datetime) -> Self | None:
        """Take over a pending recharge that nobody works on, or None: of many callers one gets it."""
        return cls.change(
            {"_id": recharge_id, "payment_status": Status.PENDING, "lease_until": {"$lte": now}},
            {"$set": {"lease_until": until}})

    @classmethod
    def postpone(cls, recharge_id: int, number: int, *, now: datetime, next_check_at: datetime) -> Self | None:
        """Give the lease of a still pending attempt back and say when to ask again."""
        return cls.change(
            _at(recharge_id, number, AttemptStatus.PENDING),
            {"$set": {"lease_until": now, "updated_at": now, "next_check_at": next_check_at}})

    @classmethod
    def hand_over(cls, recharge_id: int, number: int, *, now: datetime) -> Self | None:
        """Stop asking about a still pending attempt: a person has to decide."""
        return cls.change(
            _at(recharge_id, number, AttemptStatus.PENDING),
            {"$set": {"lease_until": now, "updated_at": now, "needs_attention": True}, "$unset": {"next_check_at": ""}})

    @classmethod
    def deliver(cls, recharge_id: int, attempt: Attempt, *, was: AttemptStatus, now: datetime,
                operator_ref: str | None) -> Self | None:
        """The attempt was delivered and is paid for, or None when it is no longer `was`: the first answer wins.

        `was` FAILED is a late success: it also needs the recharge itself to be failed still.
        """
        match, becomes = _at(recharge_id, attempt.number, was), AttemptStatus.SUCCESS
        if was is AttemptStatus.FAILED:
            match["payment_status"], becomes = Status.FAILED, AttemptStatus.LATE
        facts = {**_outcome(becomes, now, None, operator_ref),
                 "payment_status": Status.SUCCESS, "completed_at": now}
        if attempt.upline is not None:
            facts["upline_due"] = attempt.upline.user
        return cls.change(match, {"$set": facts, "$unset": {**_OPEN, "code": "", "attempts.$.code": ""}})

    @classmethod
    def give_up(cls, recharge_id: int, number: int, *, now: datetime, code: str,
                operator_ref: str | None) -> Self | None:
        """The pending attempt was not delivered, or None when it is no longer pending."""
        return cls.change(
            _at(recharge_id, number, AttemptStatus.PENDING),
            {"$set": {**_outcome(AttemptStatus.FAILED, now, code, operator_ref),
                      "payment_status": Status.FAILED, "code": code}, "$unset": _OPEN})

    @classmethod
    def lose(cls, recharge_id: int, number: int, *, was: Status, now: datetime,
             operator_ref: str | None) -> Self | None:
        """The failed attempt was delivered after all and nobody pays, or None when the recharge is no longer `was`.

        A recharge that had failed counts as delivered from now on, so that it cannot be retried.
        """
        facts: dict = _outcome(AttemptStatus.LOST, now, None, operator_ref)
        if was is not Status.FAILED:
            return cls.change(_at(recharge_id, number, AttemptStatus.FAILED) | {"payment_status": was}, {"$set": facts})
        return cls.change(
            _at(recharge_id, number, AttemptStatus.FAILED) | {"payment_status": was},
            {"$set": {**facts, "payment_status": Status.SUCCESS, "completed_at": now}, "$unset": {"code": ""}})

    @classmethod
    def absolve(cls, recharge_id: int, *, now: datetime) -> Self | None:
        """A failed recharge of which an earlier attempt was delivered at the house's cost counts as delivered."""
        return cls.change(
            {"_id": recharge_id, "payment_status": Status.FAILED, "attempts.status": AttemptStatus.LOST},
            {"$set": {"payment_status": Status.SUCCESS, "completed_at": now, "updated_at": now},
             "$unset": {"code": ""}})

    @classmethod
    def contradict(cls, recharge_id: int, number: int, *, now: datetime) -> Self | None:
        """Note that the operator took a delivery back, or None when that is known or nothing was delivered."""
        delivered = {"number": number, "status": {"$in": DELIVERED}, "contradicted": {"$ne": True}}
        return cls.change({"_id": recharge_id, "attempts": {"$elemMatch": delivered}},
                          {"$set": {"attempts.$.contradicted": True, "updated_at": now}})

    @classmethod
    def reopen(cls, recharge_id: int, attempt: Attempt, *, user: int, now: datetime,
               lease_until: datetime, next_check_at: datetime) -> Self | None:
        """Start the next attempt of the user's failed recharge, or None: of many retries one wins."""
        return cls.change(
            _retriable(recharge_id, attempt, user),
            {"$push": _pushed(attempt), "$unset": {"code": ""},
             "$set": {"payment_status": Status.PENDING, "updated_at": now,
                      "lease_until": lease_until, "next_check_at": next_check_at}})

    @classmethod
    def refuse(cls, recharge_id: int, attempt: Attempt, *, user: int, now: datetime) -> Self | None:
        """Keep an attempt that the wallet could not pay on the user's failed recharge, or None like `reopen`."""
        return cls.change(_retriable(recharge_id, attempt, user),
                          {"$push": _pushed(attempt), "$set": {"code": attempt.code, "updated_at": now}})


def validity_left(completed_at: datetime | None, validity: int, *, now: datetime, zone: ZoneInfo) -> int | None:
    """Days that remain of a plan of `validity` days, in calendar days of `zone`; None until it is delivered."""
    if completed_at is None:
        return None
    elapsed = clock.day_of(now, zone) - clock.day_of(completed_at, zone)
    return max(0, validity - elapsed.days)


_OPEN = {"lease_until": "", "next_check_at": "", "needs_attention": ""}
"""What only a recharge that waits for its operator has."""


def _at(recharge_id: int, number: int, status: AttemptStatus) -> dict:
    return {"_id": recharge_id, "attempts": {"$elemMatch": {"number": number, "status": status}}}


def _outcome(status: AttemptStatus, now: datetime, code: str | None, operator_ref: str | None) -> dict:
    facts = {"status": status, "finished_at": now, "code": code, "operator_ref": operator_ref}
    return {f"attempts.$.{name}": value for name, value in facts.items() if value is not None} | {"updated_at": now}


def _retriable(recharge_id: int, attempt: Attempt, user: int) -> dict:
    # The size is the compare-and-set: a second retry would be the same attempt number.
    return {"_id": recharge_id, "user": user, "payment_status": Status.FAILED,
            "attempts": {"$size": attempt.number - 1}}


def _pushed(attempt: Attempt) -> dict:
    pushed: dict = {"attempts": attempt.to_mongo()}
    if attempt.key is not None:
        pushed["keys"] = attempt.key
    return pushed

"""Rewards: what somebody earned by a referral, and what became of it."""
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Self

from bson import ObjectId
from mongoengine import BooleanField, DateTimeField, IntField, ListField, ObjectIdField, StringField

from documents.base import Document
from documents.reward_configs import RewardType, RewardUnit


class RewardStatus(StrEnum):
    """PENDING → CREDITED → REVOKED, or PENDING → REVOKED; never back."""

    PENDING = "PENDING"
    CREDITED = "CREDITED"
    REVOKED = "REVOKED"


class RewardRole(StrEnum):
    REFERRER = "referrer"
    REFERRED = "referred"


class Reward(Document):
    """One reward; type, value and unit are copied from the terms in force when it was earned."""

    user = IntField(required=True)
    """Who earned it."""
    role = StringField(required=True, choices=list(RewardRole))
    referral = StringField(required=True)
    reward_type = StringField(required=True, choices=list(RewardType))
    reward_value = IntField(required=True, min_value=1)
    """Minor units: hundredths of the currency or of a point."""
    reward_unit = StringField(required=True, choices=list(RewardUnit))
    status = StringField(required=True, choices=list(RewardStatus), default=RewardStatus.PENDING.value)
    is_held = BooleanField(default=False)
    """Whether the job passes it over until an admin has looked at `held_for`."""
    held_for = ListField(StringField())
    """Why it was held; kept when it is released."""
    order = StringField()
    """FIRST_ORDER only: the subject of the order, such as `recharge:5`."""
    config = ObjectIdField(required=True)
    created_at = DateTimeField(required=True)
    due_at = DateTimeField()
    """When the hold period is over; absent when only an admin credits."""
    released_at = DateTimeField()
    released_by = IntField()
    credited_at = DateTimeField()
    credited_by = IntField()
    """The admin; absent for the job."""
    revoked_at = DateTimeField()
    revoked_by = IntField()
    """The admin; absent when a refund did it."""
    revoke_reason = StringField(max_length=500)
    owed = IntField()
    """What the wallet could not give back when it was revoked."""

    meta = {"collection": "rewards", "indexes": [
        {"fields": ["referral", "reward_type", "role"], "unique": True},
        ["user", "-created_at", "-id"],
        ["user", "role", "status", "credited_at"],
        ["status", "is_held", "-created_at", "-id"],
        ["-created_at", "-id"],
        {"fields": ["due_at"], "name": "to_credit", "partialFilterExpression": {
            "status": RewardStatus.PENDING.value, "is_held": False, "due_at": {"$type": "date"}}},
    ]}

    VALIDATOR = {"$jsonSchema": {
        "required": ["user", "referral", "reward_type", "reward_value", "reward_unit", "status", "created_at"],
        "properties": {"status": {"enum": list(RewardStatus)}, "reward_unit": {"enum": list(RewardUnit)},
                       "reward_value": {"bsonType": ["int", "long"], "minimum": 1}}}}

    @classmethod
    def to_credit(cls, *, now: datetime, limit: int) -> Iterator[Self]:
        """Rewards whose hold period is over, the longest overdue first."""
        match = {"status": RewardStatus.PENDING.value, "is_held": False, "due_at": {"$type": "date", "$lte": now}}
        return cls.find(match, sort=[("due_at", 1)], limit=limit)

    @classmethod
    def credit(cls, reward_id: ObjectId, *, by: int | None, now: datetime, also: dict) -> Self | None:
        """Turn a pending reward that also meets `also` into a credited one, or None: of many callers one wins."""
        return cls.change(_pending(reward_id) | also, {"$set": {
            "status": RewardStatus.CREDITED.value, "is_held": False, "credited_at": now, "credited_by": by}})

    @classmethod
    def revoke(cls, reward_id: ObjectId, *, by: int | None, reason: str, now: datetime) -> Self | None:
        """Revoke a reward, pending or credited, or return None when it is revoked: of many callers one wins."""
        return cls.change({"_id": reward_id, "status": {"$ne": RewardStatus.REVOKED.value}}, {"$set": {
            "status": RewardStatus.REVOKED.value, "is_held": False, "revoked_at": now, "revoked_by": by,
            "revoke_reason": reason}})

    @classmethod
    def release(cls, reward_id: ObjectId, *, by: int, now: datetime) -> Self | None:
        """Let a held reward go its way, or None when it is not held."""
        return cls.change(_pending(reward_id) | {"is_held": True},
                          {"$set": {"is_held": False, "released_at": now, "released_by": by}})

    @classmethod
    def hold(cls, reward_id: ObjectId, reason: str) -> Self | None:
        """Keep a pending reward from the job until an admin looks at it."""
        return cls.change(_pending(reward_id), {"$set": {"is_held": True}, "$addToSet": {"held_for": reason}})


class RewardCap(Document):
    """How many rewards of one type a referrer has earned in one month; what is revoked later stays counted."""

    key = StringField(primary_key=True)
    """`<user>:<type>:<YYYY-MM>`"""
    count = IntField(required=True)

    meta = {"collection": "reward_caps"}

    @classmethod
    def take(cls, key: str, most: int) -> bool:
        """Count one more, or return False when `most` have been; in the transaction that makes the reward."""
        if cls.change_row({"_id": key, "count": {"$lt": most}}, {"$inc": {"count": 1}}) is not None:
            return True
        if cls.find_one({"_id": key}) is not None:
            return False
        cls.insert({"_id": key, "count": 1})
        return True


class RewardDebt(Document):
    """What somebody owes from revoked rewards; the next credits pay it first. Minor units."""

    key = StringField(primary_key=True)
    """`<user>:<unit of the ledger>`"""
    amount = IntField(required=True)

    meta = {"collection": "reward_debts"}

    VALIDATOR = {"$jsonSchema": {"required": ["amount"],
                                 "properties": {"amount": {"bsonType": ["int", "long"], "minimum": 0}}}}

    @classmethod
    def of(cls, key: str) -> int:
        found = cls.find_one({"_id": key})
        return found.amount if found else 0

    @classmethod
    def add(cls, key: str, amount: int) -> None:
        """Owe `amount` more (less when negative), in the transaction of its ledger entry."""
        if amount and cls.change_row({"_id": key}, {"$inc": {"amount": amount}}) is None:
            cls.insert({"_id": key, "amount": amount})


def _pending(reward_id: ObjectId) -> dict:
    return {"_id": reward_id, "status": RewardStatus.PENDING.value}

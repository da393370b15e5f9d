"""What a referral earns: one document for each set of terms, the newest active one of its type in force."""
from enum import StrEnum
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document


class RewardType(StrEnum):
    SIGNUP = "SIGNUP"
    """Earned when the code is applied."""
    FIRST_ORDER = "FIRST_ORDER"
    """Earned by the first paid order afterwards."""


class RewardUnit(StrEnum):
    CASH = "CASH"
    """The installation's currency."""
    POINTS = "POINTS"
    """Whole points only, kept in hundredths like every unit of the ledger."""


class RewardConfig(Document):
    """Terms of one reward type. Rewards copy what they need, so an edit touches future ones only."""

    reward_type = StringField(required=True, choices=list(RewardType))
    reward_value = IntField(required=True, min_value=1)
    """For the owner of the code, in minor units."""
    reward_unit = StringField(required=True, choices=list(RewardUnit))
    referee_value = IntField(min_value=1)
    """For the person who used the code; absent for nothing."""
    monthly_cap = IntField(min_value=1)
    """How many rewards of this type one referrer earns in a calendar month; absent for no limit."""
    hold_days = IntField(min_value=0)
    """After how many days a reward is credited by itself; absent when only an admin credits."""
    is_active = BooleanField(default=True)
    created_by = IntField(required=True)
    created_at = DateTimeField(required=True)
    updated_by = IntField()
    updated_at = DateTimeField(required=True)

    meta = {"collection": "reward_configs", "indexes": [
        ["reward_type", "is_active", "-created_at", "-id"],
        ["-created_at", "-id"],
    ]}

    @classmethod
    def in_force(cls, reward_type: RewardType) -> Self | None:
        """The newest active terms of this type."""
        return cls.find_one({"reward_type": reward_type.value, "is_active": True},
                            sort=[("created_at", -1), ("_id", -1)])

    @classmethod
    def any_in_force(cls) -> bool:
        match = {"reward_type": {"$in": [member.value for member in RewardType]}, "is_active": True}
        return cls.find_one(match) is not None

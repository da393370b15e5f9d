"""Rewards and their terms on the wire."""
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, Id, IntField, ObjectIdField, Str, TimeField
from documents import money
from documents.reward_configs import RewardType, RewardUnit
from documents.rewards import RewardRole, RewardStatus

UNITS = list(RewardUnit)


class ValueField(fields.Float):
    """What a reward is worth: whole points, or money with at most two decimals, as a JSON number; minor units inside.

    Old clients read an integer here, so a whole value is written as one.
    """

    default_error_messages = {"invalid": "A valid amount is required."}

    def __init__(self, **options: Any) -> None:
        options["metadata"] = {"example": 250, "minimum": 0, **options.get("metadata", {})}
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            minor = money.parse(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if not 0 < minor <= money.MAX_AMOUNT:
            raise ValidationError(f"Ensure this value is between 0.01 and {money.text(money.MAX_AMOUNT)}.")
        return minor

    def write(self, value: int) -> int | float:
        major, rest = divmod(value, money.MINOR_PER_MAJOR)
        return float(Decimal(value) / money.MINOR_PER_MAJOR) if rest else major


class ConfigFields(Schema):
    reward_type = ChoiceField(list(RewardType))
    reward_value = ValueField(metadata={"description": "For the owner of the code"})
    reward_unit = ChoiceField(UNITS)
    referee_value = ValueField(allow_none=True, metadata={"description": "For the person who used the code"})
    monthly_cap = IntField(min=1, allow_none=True, metadata={
        "description": "Rewards of this type that one referrer earns in a calendar month; null for no limit"})
    hold_days = IntField(min=0, max=3650, allow_none=True, metadata={
        "description": "Days after which a reward is credited by itself; null when only an admin credits"})


class ConfigIn(ConfigFields):
    reward_type = ChoiceField(list(RewardType), required=True)
    reward_value = ValueField(required=True)
    reward_unit = ChoiceField(UNITS, required=True)


class ConfigEdit(Schema):
    reward_value = ValueField()
    referee_value = ValueField(allow_none=True)
    monthly_cap = IntField(min=1, allow_none=True)
    hold_days = IntField(min=0, max=3650, allow_none=True)
    is_active = BoolField()


class ConfigRow(ConfigFields):
    id = ObjectIdField()
    is_active = BoolField()
    created_by = Id()
    created_at = TimeField()
    updated_by = Id(allow_none=True)
    updated_at = TimeField()


class ConfigMade(ConfigRow):
    message = Str(metadata={"example": "Reward config created"})


class ConfigFilters(Schema):
    reward_type = ChoiceField(list(RewardType))
    is_active = BoolField()


class RewardRow(Schema):
    """A reward as its owner sees it."""

    reward_id = ObjectIdField(attribute="id")
    reward_type = ChoiceField(list(RewardType))
    reward_value = ValueField()
    reward_unit = ChoiceField(UNITS)
    status = ChoiceField(list(RewardStatus))
    role = ChoiceField(list(RewardRole), metadata={"description": "Whether for having referred or for having come"})
    is_held = BoolField(metadata={"description": "Waits for an admin to look at it"})
    due_at = TimeField(allow_none=True, metadata={"description": "When it is credited by itself"})
    created_at = TimeField()
    credited_at = TimeField(allow_none=True)
    revoked_at = TimeField(allow_none=True)
    owed = ValueField(allow_none=True, metadata={"description": "What the wallet could not give back"})


class AdminRewardRow(RewardRow):
    """A reward as an admin sees it: whose, why held, who decided."""

    user_id = Id(attribute="user")
    user_email = Str(allow_none=True)
    referral_id = Str(attribute="referral")
    held_for = fields.List(Str(), dump_default=[])
    order = Str(allow_none=True)
    credited_by = Id(allow_none=True)
    released_at = TimeField(allow_none=True)
    released_by = Id(allow_none=True)
    revoked_by = Id(allow_none=True)
    revoke_reason = Str(allow_none=True, blank=True)


class RewardFilters(Schema):
    status = ChoiceField(list(RewardStatus), upper=True)
    is_held = BoolField()
    reward_type = ChoiceField(list(RewardType), upper=True)
    reward_unit = ChoiceField(UNITS, upper=True)
    user_id = Id(attribute="user")


class RevokeIn(Schema):
    reason = Str(blank=True, load_default="", metadata={"description": "Kept with the reward"})


class Decided(Schema):
    message = Str(metadata={"example": "Reward credited successfully"})
    reward_id = ObjectIdField(attribute="reward.id")
    status = ChoiceField(list(RewardStatus), attribute="reward.status")
    reward = fields.Nested(RewardRow)


class UnitTotals(Schema):
    pending = ValueField()
    credited = ValueField()
    revoked = ValueField()
    owed = ValueField(metadata={"description": "Taken from the next credits"})


class Counts(Schema):
    pending = IntField()
    credited = IntField()
    revoked = IntField()


class Totals(Schema):
    counts = fields.Nested(Counts)
    cash = fields.Nested(UnitTotals)
    points = fields.Nested(UnitTotals)

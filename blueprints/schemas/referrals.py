"""Referral codes, their use and their figures on the wire."""
from datetime import date
from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, DateField, IntField, Str, TimeField
from blueprints.schemas.rewards import UNITS, RewardRow, ValueField
from documents.referral_rollups import Span

PERIODS = [Span.WEEK, Span.MONTH, Span.ALL]
DAYS = Range(date(2000, 1, 1), date(2199, 12, 31), error="Ensure this day lies between 2000 and 2199.")
GRANULARITIES = [Span.DAY, Span.WEEK, Span.MONTH]


class TextIdField(Str):
    """A person's id as text, which is how the clients of referrals read ids."""

    plain = False

    def write(self, value: Any) -> str:
        return str(value)


class Code(Schema):
    id = Str()
    referral_code = Str(attribute="code", metadata={"example": "SVH-7K2M9Q"})
    referred_by = TextIdField(attribute="owner", metadata={"description": "Whose code it is", "example": "12"})


class ApplyIn(Schema):
    referral_code = Str(required=True, max=50, metadata={"example": "SVH-7K2M9Q", "description": "In any case"})


class ApplyOut(Schema):
    message = Str(metadata={"example": "Referral applied successfully"})
    referral_code = Str()
    reward = fields.Nested(RewardRow, allow_none=True, metadata={
        "description": "What the caller gets for having used the code; null when the terms give nothing"})


class Summary(Schema):
    my_referral_code = Str(allow_none=True)
    total_referrals = IntField(metadata={"description": "People who used the code"})
    successful_referrals = IntField(metadata={"description": "Those of them whose referral was not revoked"})
    conversion_rate = Str(metadata={"example": "75%"})


class PersonRow(Schema):
    used_by_user_id = TextIdField(attribute="referred")
    used_at = TimeField(attribute="created_at")
    status = Str(metadata={"description": "SUCCESS, or REVOKED"})


class TimelineArgs(Schema):
    granularity = ChoiceField(GRANULARITIES, load_default=Span.DAY.value)
    since = DateField(data_key="from", validate=DAYS, metadata={"description": "First day, in the business time zone"})
    until = DateField(data_key="to", validate=DAYS, metadata={"description": "Last day, included"})
    fill = BoolField(load_default=False, metadata={"description": "List empty days, weeks or months too"})


class TimelineRow(Schema):
    date = Str(metadata={"example": "2026-11-16", "description": "The day, the Monday of the week, or the 1st"})
    count = IntField()


class BoardArgs(Schema):
    period = ChoiceField(PERIODS, load_default=Span.MONTH.value)
    metric = ChoiceField(["count", "value"], load_default="count")
    unit = ChoiceField(UNITS, upper=True, load_default="CASH", metadata={"description": "For the metric value"})
    limit = IntField(min=1, max=100, load_default=10)


class BoardRow(Schema):
    rank = IntField()
    user_id = TextIdField()
    name = Str()
    count = IntField(allow_none=True, metadata={"description": "Referrals; null for the metric value"})
    value = ValueField(allow_none=True, metadata={"description": "What was credited; null for the metric count"})


class Board(Schema):
    period = Str()
    metric = Str()
    unit = Str(allow_none=True)
    since = Str(allow_none=True, metadata={"description": "First day of the period", "example": "2026-11-01"})
    results = fields.List(fields.Nested(BoardRow))
    me = fields.Nested(BoardRow, allow_none=True, metadata={"description": "The caller's own row, null without one"})


class TopArgs(Schema):
    limit = IntField(min=1, max=100, load_default=10)
    period = ChoiceField(PERIODS, load_default=Span.ALL.value)


class TopRow(Schema):
    user_id = TextIdField()
    successful_referrals = IntField(attribute="count")
    rank = IntField()
    name = Str()

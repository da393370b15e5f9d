"""Providers and plans on the wire."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, Id, IntField, MoneyField, Str, TimeField
from documents import money

LONGEST_VALIDITY = 3_650


class ProviderRow(Schema):
    id = Id()
    title = Str()
    is_active = BoolField()


class ProviderIn(Schema):
    title = Str(required=True, max=100)
    is_active = BoolField(load_default=True)


class ProviderPatch(ProviderIn):
    """Any part of ProviderIn."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"partial": True, **options})


class ProviderNameField(Str):
    """The title of the provider that a plan carries."""

    plain = False

    def __init__(self) -> None:
        super().__init__(attribute="provider", dump_only=True)

    def write(self, value: Any) -> str:
        return value["title"]


class PlanFacts(Schema):
    id = Id()
    title = Str()
    description = Str(blank=True)
    validity = IntField(metadata={"description": "Days"})
    amount = MoneyField()
    identifier = Str()
    created_at = TimeField()


class PlanRow(PlanFacts):
    provider_name = ProviderNameField()


class Plan(PlanFacts):
    provider = fields.Nested(ProviderRow)
    is_active = BoolField()


class PlanIn(Schema):
    provider_id = Id(required=True)
    title = Str(required=True, max=200)
    description = Str(max=1000, blank=True, load_default="")
    identifier = Str(required=True, max=50, metadata={"description": "What the operator calls it; unique"})
    amount = MoneyField(required=True, metadata={"example": "199.00"})
    validity = IntField(required=True, min=1, max=LONGEST_VALIDITY, metadata={"description": "Days", "example": 28})
    is_active = BoolField(load_default=True)


class PlanPatch(PlanIn):
    """Any part of PlanIn."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"partial": True, **options})


class PlanFilters(Schema):
    provider_id = Id()
    min_amount = MoneyField(minimum=0, maximum=money.MAX_AMOUNT)
    max_amount = MoneyField(minimum=0, maximum=money.MAX_AMOUNT)
    min_validity = IntField(min=0, max=LONGEST_VALIDITY)
    max_validity = IntField(min=0, max=LONGEST_VALIDITY)


class PlanSaved(Schema):
    message = Str()
    plan = fields.Nested(Plan)


class ProviderSaved(Schema):
    message = Str()
    provider = fields.Nested(ProviderRow)

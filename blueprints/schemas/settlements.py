"""Settlements and their statements on the wire."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, Id, IntField, MoneyField, Str, TimeField
from blueprints.schemas.pos_payments import UuidField
from blueprints.schemas.recharges import BoundField
from documents.settlements import Kind, Status

ANY_SIGN = -10**15


class NetField(MoneyField):
    """What was due: what is transferred and what is carried forward."""

    _CHECK_ATTRIBUTE = False

    def __init__(self) -> None:
        super().__init__(minimum=ANY_SIGN, dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return self.write(obj["amount"] + obj["carried_forward"])


class SettlementOut(Schema):
    id = UuidField()
    merchant = Id()
    kind = ChoiceField(Kind)
    amount = MoneyField(minimum=0, metadata={"description": "What is transferred to the merchant"})
    status = ChoiceField(Status)
    settlement_date = TimeField()
    created_at = TimeField()
    paid_at = TimeField(allow_none=True)
    gross = MoneyField(minimum=0, metadata={"description": "What payers paid"})
    subsidy = MoneyField(minimum=0, metadata={"description": "What the house adds for its own coupons"})
    refunds = MoneyField(minimum=0)
    fee = MoneyField(minimum=0)
    collected_in_cash = MoneyField(minimum=ANY_SIGN)
    brought_forward = MoneyField(minimum=ANY_SIGN)
    carried_forward = MoneyField(minimum=ANY_SIGN)
    net = NetField()
    payment_count = IntField()
    refund_count = IntField()


class SettlementFilters(Schema):
    status = ChoiceField(Status)
    merchant = Id(metadata={"description": "Staff: one merchant"})
    start_date = BoundField(last=False, attribute="start", metadata={"description": "From this day or moment"})
    end_date = BoundField(last=True, attribute="end", metadata={"description": "To this day or moment, included"})


class SettlementIn(Schema):
    amount = MoneyField(required=True)
    merchant = Id(metadata={"description": "Staff: whose settlement it is"})


class SettlementPaid(Schema):
    message = Str()
    status = ChoiceField(Status)
    settlement = fields.Nested(SettlementOut)


class StatementArgs(Schema):
    format = ChoiceField(["json", "csv"], load_default="json")


class StatementRow(Schema):
    completed_at = TimeField()
    type = ChoiceField(["payment", "refund"])
    id = UuidField()
    payment = UuidField()
    method = Str()
    amount = MoneyField(minimum=ANY_SIGN)
    subsidy = MoneyField(minimum=ANY_SIGN)
    net = MoneyField(minimum=ANY_SIGN)
    notes = Str(blank=True)


class StatementOut(Schema):
    settlement = fields.Nested(SettlementOut)
    lines = fields.List(fields.Nested(StatementRow))

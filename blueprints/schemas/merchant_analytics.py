"""Figures of merchants on the wire: JSON numbers, because they are computed over many rows."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, FigureField, Id, IntField, Str
from services.merchant_reports import RANGES


class RangeField(ChoiceField):
    """7d, 30d or 90d."""

    def __init__(self) -> None:
        super().__init__(RANGES, load_default="7d", data_key="range")


class SeriesArgs(Schema):
    span = RangeField()
    merchant = Id(metadata={"description": "Staff: whose figures"})


class KpiArgs(Schema):
    merchant = Id(metadata={"description": "Staff: whose figures"})


class BoardArgs(Schema):
    span = RangeField()
    size = IntField(min=1, max=100, load_default=10)


class SeriesKpis(Schema):
    revenue = FigureField()
    transactions = IntField()


class DayOut(Schema):
    day = Str()
    revenue = FigureField()
    tx = IntField()


class SeriesOut(Schema):
    kpis = fields.Nested(SeriesKpis)
    graph = fields.List(fields.Nested(DayOut))


class KpisOut(Schema):
    total_revenue = FigureField()
    paid_settlements = FigureField()
    pending_settlements = FigureField()


class BoardRow(Schema):
    merchant = Id(attribute="_id")
    business_name = Str(allow_none=True)
    revenue = FigureField()
    transactions = IntField(attribute="payments")


class BoardOut(Schema):
    results = fields.List(fields.Nested(BoardRow))

"""Figures over many purchases, on the wire: sums are JSON numbers."""
from datetime import date

from marshmallow import fields
from marshmallow.validate import Range

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, DateField, FigureField, Id, IntField, Str
from documents import money

_DAYS = Range(date(1970, 1, 1), date(9000, 1, 1), error="Not a day that anything can have happened on.")


class ReportArgs(Schema):
    first = DateField(data_key="from", validate=_DAYS, metadata={"description": "First day, in the business time zone"})
    last = DateField(data_key="to", validate=_DAYS, metadata={"description": "Last day, included"})
    format = ChoiceField(["json", "csv"], load_default="json")


class CustomerFiguresRow(Schema):
    id = Id()
    username = Str(blank=True)
    email = Str(blank=True)
    total_paid_amount = FigureField(metadata={"description": "Paid in the span, late fees included"})
    total_due_amount = FigureField(metadata={"description": "Still unpaid of what was or is due in the span"})
    total_purchase_count = IntField()
    total_product_quantity = IntField()
    total_installment_count = IntField()
    fully_paid_purchases = IntField()
    due_purchases = IntField()
    overall_status = ChoiceField(["paid", "due", "n/a"])


class MonthRow(Schema):
    month = Str(metadata={"description": "Such as 2026-11"})
    total_purchases = FigureField()
    total_paid = FigureField()
    total_due = FigureField()


class FiguresField(fields.List):
    """A sum for each month."""

    def __init__(self) -> None:
        super().__init__(FigureField())

    def write(self, value: list[int]) -> list[float]:
        return [money.number(figure) for figure in value]


class ChartSets(Schema):
    total_purchases = FiguresField()
    total_paid = FiguresField()
    total_due = FiguresField()


class Chart(Schema):
    labels = fields.List(Str())
    datasets = fields.Nested(ChartSets)


class UserSummary(Schema):
    total_due = FigureField()
    total_paid = FigureField()
    total_purchase = IntField()
    installment_left = IntField()
    installment_paid = IntField()


class UserStats(Schema):
    total_users = IntField()
    verified_users = IntField()
    not_verified_users = IntField()


class GlobalSummary(Schema):
    total_products = IntField()

"""Figures of the voucher shop on the wire: sums are JSON numbers. The keys are those that old dashboards read."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, DateField, FigureField, IntField, Str, TimeField
from documents import money
from documents.vouchers import Status
from services.voucher_figures import MOST_DAYS


class AverageField(FigureField):
    """A share of a sum: minor units with a fraction, to the minor unit outside."""

    def write(self, value: float) -> float:
        return money.number(round(value))


class UserCounts(Schema):
    total = IntField()
    new_this_week = IntField()
    active_this_month = IntField()


class StateCounts(Schema):
    total = IntField()
    active = IntField()
    used = IntField()
    expired = IntField()
    cancelled = IntField()


class VoucherCounts(StateCounts):
    issued_this_week = IntField()
    used_this_week = IntField()


class RevenueSums(Schema):
    total = FigureField()
    this_week = FigureField()
    this_month = FigureField()


class TypeFigures(Schema):
    name = Str()
    type_code = Str()
    total_purchased = IntField()
    total_used = IntField()
    revenue = FigureField()
    price = FigureField()


class RecentActivity(Schema):
    payments_this_week = IntField()
    vouchers_issued_this_week = IntField()
    vouchers_used_this_week = IntField()


class DashboardOut(Schema):
    users = fields.Nested(UserCounts)
    vouchers = fields.Nested(VoucherCounts)
    revenue = fields.Nested(RevenueSums)
    voucher_types = fields.List(fields.Nested(TypeFigures))
    recent_activity = fields.Nested(RecentActivity)


class Spending(Schema):
    total = FigureField()
    average_per_voucher = AverageField()


class UsageByType(Schema):
    voucher__voucher_type__name = Str(attribute="name")
    voucher__voucher_type__type_code = Str(attribute="type_code")
    usage_count = IntField(attribute="count")


class RecentVoucher(Schema):
    code = Str()
    type = Str(attribute="voucher_type.name")
    status = ChoiceField(Status)
    issued_at = TimeField()
    expires_at = TimeField()


class RecentUsage(Schema):
    voucher_code = Str()
    service_type = Str(blank=True)
    used_at = TimeField()


class PersonOut(Schema):
    voucher_summary = fields.Nested(StateCounts)
    spending = fields.Nested(Spending)
    usage_by_type = fields.List(fields.Nested(UsageByType))
    recent_vouchers = fields.List(fields.Nested(RecentVoucher))
    recent_usage = fields.List(fields.Nested(RecentUsage))


class RevenueArgs(Schema):
    days = IntField(min=1, max=MOST_DAYS, load_default=30, metadata={"description": "The last so many, with today"})


class Period(Schema):
    start_date = DateField()
    end_date = DateField()
    days = IntField()


class DayRevenue(Schema):
    day = Str(attribute="_id", metadata={"format": "date"})
    revenue = FigureField()
    payment_count = IntField(attribute="payments")


class TypeRevenue(Schema):
    voucher_type__name = Str(attribute="name")
    voucher_type__type_code = Str(attribute="type_code")
    revenue = FigureField()
    quantity = IntField()


class MethodRevenue(Schema):
    payment_method = Str(attribute="_id")
    count = IntField(attribute="payments")
    revenue = FigureField()


class RevenueSummary(Schema):
    total_revenue = FigureField()
    total_payments = IntField()
    average_daily_revenue = AverageField()


class RevenueOut(Schema):
    period = fields.Nested(Period)
    daily_revenue = fields.List(fields.Nested(DayRevenue))
    revenue_by_type = fields.List(fields.Nested(TypeRevenue))
    payment_methods = fields.List(fields.Nested(MethodRevenue))
    summary = fields.Nested(RevenueSummary)

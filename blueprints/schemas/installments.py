"""Single instalments, on the wire."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, Id, MoneyField, Str
from blueprints.schemas.purchases import MethodIn, ScheduleRow, TextNumberField
from documents.purchases import Status


class InstallmentRow(ScheduleRow):
    product_name = Str()
    total_price = MoneyField()
    quantity = TextNumberField()
    purchase = Id()
    late_fee_due = MoneyField(minimum=0, metadata={"description": "What being late costs if it is paid now"})
    amount_to_pay = MoneyField(minimum=0, metadata={"description": "The due and the late fee"})


class InstallmentFilters(Schema):
    status = ChoiceField(Status)
    purchase = Id()


class PayIn(MethodIn):
    amount = MoneyField(required=True)


class WaiveIn(Schema):
    reason = Str(required=True, max=500)


class InstallmentChanged(Schema):
    message = Str()
    detail = Str(metadata={"description": "The same as `message`, for old clients"})
    installment = fields.Nested(InstallmentRow)

"""Purchases on instalments and their schedules, on the wire."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, Id, IntField, MoneyField, Str, TimeField
from documents.purchases import MAX_INSTALLMENTS, MAX_QUANTITY, Method, Status


class TextNumberField(Str):
    """A count that old clients read as text."""

    plain = False

    def write(self, value: Any) -> str:
        return str(value)


class MethodIn(Schema):
    method = ChoiceField(Method, allow_none=True, metadata={
        "description": "Default: INSTALLMENT_DEFAULT_METHOD. Others than wallet are recorded by administrators."})


class InstallmentPurchaseIn(MethodIn):
    product = Id(required=True)
    quantity = IntField(min=1, max=MAX_QUANTITY, load_default=1)
    first_installment_amount = MoneyField(required=True, metadata={
        "description": "At least 30% of the total, all of it when there is one instalment"})
    installment_count = IntField(required=True, min=1, max=MAX_INSTALLMENTS)
    purchase_date = TimeField(allow_none=True, metadata={"description": "At most a year back; default: now"})
    customer = Id(allow_none=True, metadata={"description": "Administrators only: who buys. Default: the caller"})
    coupon_code = Str(max=50, blank=True, allow_none=True)


class InstallmentPurchaseRow(Schema):
    id = Id()
    product_name = Str()
    quantity = IntField()
    purchase_date = TimeField()
    total_price = MoneyField()
    first_installment_amount = MoneyField()
    installment_count = IntField()
    status = ChoiceField(Status)
    product = Id()
    customer = Id()


class ScheduleRow(Schema):
    id = Id()
    installment_number = IntField(attribute="number")
    paid_amount = MoneyField(minimum=0)
    due_amount = MoneyField(minimum=0)
    late_fee = MoneyField(minimum=0)
    due_date = TimeField()
    status = ChoiceField(Status)
    payment_date = TimeField(allow_none=True)


class InstallmentPurchase(InstallmentPurchaseRow):
    unit_price = MoneyField()
    discount = MoneyField(allow_none=True)
    coupon_code = Str(allow_none=True)
    installments = fields.List(fields.Nested(ScheduleRow))


class PurchaseSettled(Schema):
    message = Str()
    purchase = fields.Nested(InstallmentPurchase)


class OwnPurchaseFilters(Schema):
    status = ChoiceField(Status)
    product = Id()


class AllPurchaseFilters(OwnPurchaseFilters):
    customer = Id()

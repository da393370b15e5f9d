"""Vouchers and their types on the wire; old clients' second names for the same facts stand beside the first."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import (
    BoolField,
    ChoiceField,
    FigureField,
    Id,
    IntField,
    JsonField,
    MoneyField,
    PhoneField,
    Str,
    TimeField,
)
from documents.voucher_types import MAX_PRICE, MAX_QUANTITY, MAX_USES, MAX_VALIDITY_DAYS
from documents.vouchers import Status
from services import vouchers
from services.pictures import Format
from services.voucher_codes import LONGEST

_UUID = {"format": "uuid"}
_TYPE_CODE = {"pattern": "^[a-z0-9][a-z0-9_-]*$", "example": "result_check"}


class VoucherTypeOut(Schema):
    id = Id()
    name = Str()
    type_code = Str()
    service_type = Str(attribute="type_code", dump_only=True)
    description = Str(blank=True, max=5_000, dump_default="")
    price = MoneyField()
    is_active = BoolField()
    validity_days = IntField()
    usage_limit = IntField()
    max_uses = IntField(attribute="usage_limit", dump_only=True)
    bearer = BoolField(metadata={"description": "Whether anybody who knows the code can redeem it"})
    created_at = TimeField()
    updated_at = TimeField()


class VoucherTypePatch(Schema):
    name = Str(max=100)
    type_code = Str(max=50, metadata=_TYPE_CODE)
    description = Str(max=5_000, blank=True)
    price = MoneyField(maximum=MAX_PRICE)
    validity_days = IntField(min=1, max=MAX_VALIDITY_DAYS)
    usage_limit = IntField(min=1, max=MAX_USES)
    bearer = BoolField()
    is_active = BoolField()


class VoucherTypeIn(VoucherTypePatch):
    name = Str(max=100, required=True)
    type_code = Str(max=50, required=True, metadata=_TYPE_CODE)
    price = MoneyField(required=True, maximum=MAX_PRICE)


class TypeFilters(Schema):
    is_active = BoolField()


class VoucherOut(Schema):
    """A voucher from its stored row."""

    id = Str(metadata=_UUID)
    voucher_type = fields.Nested(VoucherTypeOut, metadata={"description": "As it was when the voucher was bought"})
    code = Str()
    status = ChoiceField(Status)
    usage_count = IntField()
    total_uses = IntField()
    uses_remaining = IntField(attribute="uses_left")
    last_used_at = TimeField(allow_none=True)
    issued_at = TimeField()
    purchase_date = TimeField(attribute="issued_at", dump_only=True)
    expires_at = TimeField()
    expiry_date = TimeField(attribute="expires_at", dump_only=True)
    voucher_is_valid = BoolField(attribute="is_valid", dump_only=True)
    is_valid = BoolField()
    is_active = BoolField(attribute="is_valid", dump_only=True)
    days_until_expiry = IntField()
    phone = Str(allow_none=True, metadata={"description": "The number it waits for; null once it has an owner"})
    payment = Str(metadata=_UUID)
    metadata = fields.Dict()

    def _row(self, item: Any) -> dict:
        return super()._row(vouchers.shown(item))


class LogLineOut(Schema):
    what = ChoiceField(["issued", "redeemed", "assigned", "withdrawn", "cancelled", "reinstated"])
    at = TimeField()
    by = Id(allow_none=True)
    note = Str(blank=True)


class VoucherHistory(VoucherOut):
    history = fields.List(fields.Nested(LogLineOut), attribute="log")


class VoucherFilters(Schema):
    status = ChoiceField(Status)


class PurchaseIn(Schema):
    voucher_type_id = Id(required=True)
    quantity = IntField(min=1, max=MAX_QUANTITY, load_default=1)
    discount_code = Str(max=50, blank=True, allow_none=True)


class PurchaseOut(Schema):
    message = Str()
    vouchers = fields.List(fields.Nested(VoucherOut))
    payment_id = Str(metadata=_UUID)
    total_paid = FigureField()
    discount_applied = FigureField()


class RedeemIn(Schema):
    code = Str(required=True, max=LONGEST, metadata={"example": "7Q2M-9XKD-04TA"})
    service_type = Str(max=100, blank=True, load_default="")
    service_data = JsonField(load_default=dict)


class UsageOut(Schema):
    id = Id()
    voucher_code = Str()
    voucher_type_name = Str()
    service_type = Str(blank=True)
    service_data = fields.Dict()
    details = fields.Dict(attribute="service_data", dump_only=True)
    used_at = TimeField()
    ip_address = Str(allow_none=True)


class Redeemed(Schema):
    message = Str()
    voucher = fields.Nested(VoucherOut)
    usage = fields.Nested(UsageOut)


class AssignIn(Schema):
    phone = PhoneField(required=True)


class VoucherDone(Schema):
    message = Str()
    voucher = fields.Nested(VoucherOut)


class StatsOut(Schema):
    total_vouchers = IntField(attribute="total")
    active_vouchers = IntField(attribute="active")
    used_vouchers = IntField(attribute="used")
    expired_vouchers = IntField(attribute="expired")
    cancelled_vouchers = IntField(attribute="cancelled")
    total_value = MoneyField(attribute="value", minimum=0)


class QrArgs(Schema):
    picture = ChoiceField(Format, load_default=Format.SVG)

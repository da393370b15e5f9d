"""Merchants, their cashiers and their papers on the wire."""
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, EmailField, Id, IntField, PhoneField, Str, TimeField
from documents.merchants import Cycle, is_gstin


class BlankableEmail(EmailField):
    """An e-mail address; forms that leave it blank mean none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        blank = isinstance(value, str) and not value.strip()
        return None if blank else super()._deserialize(value, attr, data, **kwargs)


class GstinField(Str):
    """An Indian GST number, in capitals; blank means none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max=15, blank=True, metadata={"example": "29ABCDE1234F1Z5"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        number = super()._deserialize(value, attr, data, **kwargs).upper()
        if number and not is_gstin(number):
            raise ValidationError("Enter a valid GST number.")
        return number or None


class SettingsIn(Schema):
    auto_settlement = BoolField()
    settlement_cycle = ChoiceField(Cycle)
    notification_email = BlankableEmail(allow_none=True)
    notification_sms = BoolField()


class SettingsOut(SettingsIn):
    """How a merchant is settled and told about it."""


class BankAccountIn(Schema):
    name = Str(max=255, required=True, metadata={"description": "The holder"})
    bank_name = Str(max=255, required=True)
    account_number = Str(max=64, required=True)
    ifsc = Str(max=20, required=True)
    is_primary = BoolField(load_default=False)


class BankAccountOut(Schema):
    id = Id()
    name = Str()
    bank_name = Str()
    account_number = Str()
    ifsc = Str()
    is_primary = BoolField()
    created_at = TimeField()


class MerchantFacts(Schema):
    """What may be changed; `name` is an old spelling of `business_name`."""

    business_name = Str(max=255)
    business_type = Str(max=100, blank=True)
    gst_number = GstinField(allow_none=True)
    phone = PhoneField()
    email = BlankableEmail(allow_none=True)
    address = Str(max=500, blank=True)
    settings = fields.Nested(SettingsIn)
    bank_accounts = fields.List(fields.Nested(BankAccountIn))

    @pre_load
    def _rename(self, data: dict, **_options: Any) -> dict:
        if "name" in data and "business_name" not in data:
            return {**data, "business_name": data["name"]}
        return data


class MerchantCreateIn(MerchantFacts):
    business_name = Str(max=255, required=True)

    @post_load
    def _without_blanks(self, data: dict, **_options: Any) -> dict:
        # What is left blank here falls back to the owner's own address.
        return {name: value for name, value in data.items() if value is not None}


class MerchantReplaceIn(MerchantFacts):
    business_name = Str(max=255, required=True)


class MerchantOut(Schema):
    id = Id()
    user = Id()
    business_name = Str()
    name = Str(attribute="business_name", dump_only=True)
    business_type = Str(blank=True)
    gst_number = Str(allow_none=True)
    phone = Str(blank=True)
    email = EmailField(allow_none=True)
    address = Str(blank=True)
    is_active = BoolField()
    created_at = TimeField()
    settings = fields.Nested(SettingsOut)
    bank_accounts = fields.List(fields.Nested(BankAccountOut))


class MerchantFilters(Schema):
    is_active = BoolField()


class MerchantSwitched(Schema):
    message = Str()
    is_active = BoolField()
    merchant = fields.Nested(MerchantOut)


class CashierIn(Schema):
    email = EmailField(metadata={"description": "The e-mail address or the phone number of an account"})
    phone = PhoneField()


class CashierOut(Schema):
    user = Id()
    merchant = Id()
    email = EmailField(allow_none=True)
    phone = Str(allow_none=True)
    first_name = Str(blank=True)
    last_name = Str(blank=True)
    created_at = TimeField()


class CashierAdded(Schema):
    message = Str()
    cashier = fields.Nested(CashierOut)


class PaperFilters(Schema):
    merchant = Id(metadata={"description": "Staff: whose papers"})


class PaperOut(Schema):
    id = Str()
    merchant = Id()
    content_type = Str()
    size = IntField(metadata={"description": "Bytes"})
    created_at = TimeField()


class PaperUploaded(Schema):
    detail = Str()
    message = Str()
    path = Str(metadata={"description": "Where it can be downloaded"})
    document = fields.Nested(PaperOut)

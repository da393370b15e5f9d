"""Wallets, their transactions and statements on the wire."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import (
    ChoiceField,
    DateField,
    EmailField,
    Id,
    IntField,
    MoneyField,
    ObjectIdField,
    Str,
    TimeField,
)


class RoleText(Str):
    """A role's number, written as text for the old clients."""

    plain = False

    def write(self, value: int) -> str:
        return str(value)


class WalletOut(Schema):
    id = Id()
    user_email = EmailField(attribute="owner_email", allow_none=True)
    user_type = RoleText(attribute="owner_type", metadata={"description": "The role's number", "example": "3"})
    unit = Str()
    balance = MoneyField(minimum=0)
    created_at = TimeField()
    updated_at = TimeField()


class WalletTransactionOut(Schema):
    id = ObjectIdField(attribute="_id")
    wallet = Id()
    wallet_user = EmailField(allow_none=True)
    transaction_type = ChoiceField(["add_to_wallet", "debit_from_wallet"])
    amount = MoneyField()
    balance_after = MoneyField(minimum=0)
    description = Str(attribute="memo", blank=True)
    kind = Str()
    reference = Str()
    created_by_email = EmailField(allow_none=True)
    created_at = TimeField()


class WalletTransactionFilters(Schema):
    wallet_id = Id(metadata={"description": "One wallet that the caller may see"})


class MoveMoneyIn(Schema):
    user_email = EmailField(required=True)
    amount = MoneyField(required=True)
    description = Str(load_default="", metadata={"description": "Shown in the wallet's transactions"})


class MoveMoneyOut(Schema):
    message = Str()
    wallet = fields.Nested(WalletOut)


class StatementArgs(Schema):
    wallet_id = Id(metadata={"description": "Default: the caller's own wallet"})
    since = DateField(data_key="from", metadata={"description": "First day, in the business time zone"})
    until = DateField(data_key="to", metadata={"description": "Last day, included"})
    page = IntField(min=1, max=50_000, load_default=1)
    page_size = IntField(min=1, max=100, load_default=20)
    format = ChoiceField(["json", "csv"], load_default="json")


class StatementRow(Schema):
    created_at = TimeField()
    seq = IntField()
    kind = Str()
    reference = Str()
    description = Str(attribute="memo", blank=True)
    amount = MoneyField(minimum=-10**12, attribute="signed", metadata={"description": "Negative when money left"})
    balance_after = MoneyField(minimum=0)
    created_by_email = EmailField(allow_none=True)


class StatementOut(Schema):
    wallet_id = Id(attribute="wallet.id")
    unit = Str(attribute="wallet.unit")
    opening_balance = MoneyField(minimum=0)
    total_in = MoneyField(minimum=0)
    total_out = MoneyField(minimum=0)
    closing_balance = MoneyField(minimum=0)
    count = IntField()
    page = IntField()
    page_size = IntField()
    total_pages = IntField()
    results = fields.List(fields.Nested(StatementRow))

"""Card payments and their refunds as payers see them."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, FigureField, Id, IntField, MoneyField, Str, TimeField
from blueprints.schemas.pos_payments import UuidField
from blueprints.schemas.vouchers import PurchaseIn, VoucherTypeOut
from documents.payments import Kind
from documents.refunds import Status as RefundStatus
from services import card_payments, card_refunds

STATUSES = sorted(set(card_payments.SHOWN.values()))


class IntentIn(PurchaseIn):
    """`payment_method` and `currency` of old clients are ignored: both are the house's own."""


class CardPaymentOut(Schema):
    id = UuidField()
    kind = ChoiceField(Kind)
    amount = MoneyField(metadata={"description": "The price of one"})
    quantity = IntField()
    discount_amount = MoneyField(minimum=0, attribute="discount")
    discount_code = Str(allow_none=True)
    total_amount = MoneyField(minimum=0, metadata={"description": "What is, or was, to be paid"})
    refunded_amount = MoneyField(minimum=0, attribute="refunded")
    currency = Str()
    status = ChoiceField(STATUSES)
    failure = Str(allow_none=True, metadata={"description": "Why the last try was refused"})
    payment_method = Str(allow_none=True, attribute="method")
    payment_intent_id = Str(allow_none=True)
    voucher_type = fields.Nested(VoucherTypeOut, attribute="type", allow_none=True)
    merchant = Id(allow_none=True)
    created_at = TimeField()
    updated_at = TimeField()
    completed_at = TimeField(allow_none=True)

    def _row(self, item: Any) -> dict:
        return super()._row(card_payments.shown(item))


class IntentOut(Schema):
    payment_id = UuidField()
    client_secret = Str(allow_none=True, metadata={"description": "Null when there is nothing to pay (any more)"})
    publishable_key = Str(allow_none=True)
    amount = FigureField(metadata={"description": "What is to be paid"})
    currency = Str()
    payment = fields.Nested(CardPaymentOut)


class ConfirmIn(Schema):
    payment_intent_id = Str(required=True, max=100, metadata={"example": "pi_3Nx0Vw2eZvKYlo2C"})


class ConfirmOut(Schema):
    message = Str()
    payment = fields.Nested(CardPaymentOut)
    voucher_codes = fields.List(Str())


class PaymentFilters(Schema):
    status = ChoiceField(STATUSES)


class RefundRequestIn(Schema):
    payment_id = UuidField(required=True)
    reason = ChoiceField(card_refunds.REASONS, required=True)
    amount = MoneyField(minimum=0, allow_none=True, metadata={"description": "Default, or 0: all that is left"})
    notes = Str(max=500, blank=True, load_default="")
    to_wallet = BoolField(load_default=False, metadata={"description": "Into the payer's wallet, not onto the card"})


class CardRefundOut(Schema):
    id = UuidField()
    payment_id = UuidField(attribute="payment")
    amount = MoneyField()
    reason = Str(blank=True)
    method = Str(metadata={"description": "The way back"})
    status = ChoiceField(RefundStatus)
    notes = Str(blank=True)
    admin_notes = Str(blank=True)
    failure = Str(allow_none=True, attribute="code")
    requested_by = Id()
    decided_by = Id(allow_none=True)
    created_at = TimeField()
    processed_at = TimeField(allow_none=True, attribute="completed_at")

    def _row(self, item: Any) -> dict:
        row = super()._row(item)
        # Old clients read what was written with the request here, until staff has something to say.
        row["admin_notes"] = _decision(item) or row["notes"]
        return row


class RefundAnswered(Schema):
    message = Str()
    refund = fields.Nested(CardRefundOut)


class RefundFilters(Schema):
    status = ChoiceField(RefundStatus)
    mine = BoolField(metadata={"description": "Staff: one's own only"})


class DecisionIn(Schema):
    notes = Str(max=500, blank=True, load_default="")


class WebhookTaken(Schema):
    received = BoolField()
    status = Str()


def _decision(item: Any) -> str:
    return item.get("decision", "") if isinstance(item, dict) else item.decision

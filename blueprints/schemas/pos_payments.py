"""Payments at the till, their attempts and refunds on the wire."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, Id, IntField, MoneyField, PhoneField, Str, TimeField
from blueprints.schemas.recharges import BoundField
from documents.payment_transactions import Status as AttemptStatus
from documents.payments import Method
from documents.refunds import Status as RefundStatus
from services import pos
from services.pictures import Format

SHOWN = sorted(set(pos.SHOWN.values()))


class UuidField(Str):
    """A lower-case UUID."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max=36, metadata={"format": "uuid"}, **options)


class ShownStatusField(ChoiceField):
    """The status by the names that tills know; an unpaid payment whose time is over has failed."""

    _CHECK_ATTRIBUTE = False

    def __init__(self) -> None:
        super().__init__(SHOWN, dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return _shown(obj)[0]


class FailureField(Str):
    """Why a payment failed: failed, cancelled or expired."""

    _CHECK_ATTRIBUTE = False

    def __init__(self) -> None:
        super().__init__(dump_only=True, allow_none=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return _shown(obj)[1]


class SettledField(BoolField):
    """Whether a settlement holds the payment."""

    _CHECK_ATTRIBUTE = False

    def __init__(self) -> None:
        super().__init__(dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> bool:
        return _read(obj, "settlement") is not None


class QrField(Str):
    """What the QR code of a payment says."""

    plain = False

    def __init__(self) -> None:
        super().__init__(attribute="id", dump_only=True)

    def write(self, value: str) -> str:
        return pos.qr_payload(value)


class CouponCodeField(Str):
    """The code of the coupon that was taken off."""

    plain = False

    def __init__(self) -> None:
        super().__init__(attribute="coupon", dump_only=True, allow_none=True)

    def write(self, value: Any) -> str:
        return value["code"]


class CouponIdField(IntField):
    """The id of the coupon that was taken off."""

    plain = False

    def __init__(self) -> None:
        super().__init__(dump_only=True, allow_none=True)

    def write(self, value: Any) -> int:
        return value["id"]


class PaymentCreateIn(Schema):
    amount = MoneyField(required=True)
    coupon_code = Str(max=50, blank=True, allow_none=True)
    phone = PhoneField(metadata={"description": "The customer's, for coupons that are meant for somebody"})
    method = ChoiceField([Method.CASH, Method.UPI, Method.CARD, Method.WALLET])
    notes = Str(max=500, blank=True)
    merchant = Id(metadata={"description": "For cashiers of several merchants"})


class PaymentOut(Schema):
    id = UuidField()
    merchant = Id()
    user = Id(allow_none=True, metadata={"description": "Who paid"})
    created_by = Id()
    amount = MoneyField()
    discount = MoneyField(minimum=0)
    final_amount = MoneyField(minimum=0)
    refunded_amount = MoneyField(minimum=0, attribute="refunded")
    currency = Str()
    status = ShownStatusField()
    failure = FailureField()
    method = Str(allow_none=True)
    payment_method = Str(allow_none=True, attribute="method", dump_only=True)
    coupon = CouponIdField()
    coupon_code = CouponCodeField()
    transaction_id = Str(allow_none=True)
    settlement_created = SettledField()
    settlement = UuidField(allow_none=True)
    notes = Str(blank=True)
    qr_payload = QrField()
    expires_at = TimeField(allow_none=True)
    created_at = TimeField()
    completed_at = TimeField(allow_none=True)


class PaymentCreated(Schema):
    message = Str()
    payment = fields.Nested(PaymentOut)


class PaymentChanged(PaymentCreated):
    status = Str()


class ScannedOut(PaymentChanged):
    merchant_name = Str()


class PayIn(Schema):
    coupon_code = Str(max=50, blank=True, allow_none=True,
                      metadata={"description": "For a payment that has no coupon yet"})


class VerifyIn(Schema):
    status = ChoiceField(["SUCCESS", "FAILED"], required=True)
    method = ChoiceField([Method.CASH, Method.UPI], metadata={"description": "Default: as created, else upi"})


class PaymentFilters(Schema):
    status = ChoiceField(SHOWN)
    method = ChoiceField(Method)
    merchant = Id(metadata={"description": "Staff: one merchant"})
    start_date = BoundField(last=False, attribute="start", metadata={"description": "From this day or moment"})
    end_date = BoundField(last=True, attribute="end", metadata={"description": "To this day or moment, included"})


class PictureArgs(Schema):
    format = ChoiceField(Format, load_default=Format.SVG.value)


class RefundIn(Schema):
    amount = MoneyField(metadata={"description": "Default: all that is left"})
    reason = Str(max=500, blank=True, load_default="")


class RefundOut(Schema):
    id = UuidField()
    payment = UuidField()
    merchant = Id(allow_none=True)
    amount = MoneyField()
    method = Str()
    reason = Str(blank=True)
    status = ChoiceField(RefundStatus)
    requested_by = Id()
    created_at = TimeField()
    completed_at = TimeField(allow_none=True)


class RefundedOut(Schema):
    message = Str()
    refund = fields.Nested(RefundOut)


class LogOut(Schema):
    id = fields.Integer()
    message = Str()
    created_at = TimeField()
    transaction = UuidField()


class LogsField(fields.List):
    """The lines of the log, numbered from 1, each naming its attempt."""

    _CHECK_ATTRIBUTE = False

    def __init__(self) -> None:
        super().__init__(fields.Nested(LogOut), dump_only=True)
        self.lines = LogOut()

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[dict]:
        attempt = _read(obj, "_id") if isinstance(obj, dict) else obj.id
        return [self.lines.dump({"id": number, "message": line["message"], "created_at": line["created_at"],
                                 "transaction": attempt}) for number, line in enumerate(_read(obj, "logs"), start=1)]


class TransactionOut(Schema):
    id = UuidField()
    payment = UuidField()
    merchant = Id(allow_none=True)
    user = Id(allow_none=True)
    amount = MoneyField()
    final_amount = MoneyField(minimum=0)
    status = ChoiceField(AttemptStatus)
    gateway_transaction_id = Str(attribute="reference")
    logs = LogsField()
    created_at = TimeField()
    updated_at = TimeField()


class TransactionOpened(TransactionOut):
    detail = Str(dump_default="Transaction created.")


class TransactionUpdateIn(Schema):
    status = ChoiceField([AttemptStatus.SUCCESS, AttemptStatus.FAILED, AttemptStatus.REFUNDED], required=True)


class TransactionUpdated(Schema):
    detail = Str()
    message = Str()
    status = Str()
    transaction = fields.Nested(TransactionOut)


class TransactionFilters(Schema):
    status = ChoiceField(AttemptStatus)
    payment = UuidField()
    start_date = BoundField(last=False, attribute="start", metadata={"description": "From this day or moment"})
    end_date = BoundField(last=True, attribute="end", metadata={"description": "To this day or moment, included"})


def _read(obj: Any, name: str) -> Any:
    return obj.get(name) if isinstance(obj, dict) else getattr(obj, name)


def _shown(obj: Any) -> tuple[str, str | None]:
    return pos.shown(_read(obj, "status"), _read(obj, "expires_at"))

"""Coupons on the wire."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import (
    BoolField,
    ChoiceField,
    FigureField,
    Id,
    IntField,
    MoneyField,
    PhoneField,
    Str,
    TimeField,
)
from documents.coupon_batches import LARGEST_BATCH
from documents.coupon_batches import Status as BatchStatus
from documents.coupons import Audience, DiscountType, Funding, OrderKind, funding_of
from documents.redemptions import Status
from services import coupon_batches
from services.pictures import Format

LONGEST_CODE = 20
MOST_TARGETS = 100
_TARGETS = {"description": "Kinds of orders, or single things: POS, VOUCHER:3, PRODUCT:7, RECHARGE:12",
            "example": ["POS"]}


class CouponCard(Schema):
    """A coupon as whoever knows its code may see it."""

    id = Id()
    code = Str()
    discount_type = ChoiceField(DiscountType)
    discount_value = MoneyField(metadata={"description": "An amount, or a percentage with two decimals"})
    min_order_amount = MoneyField(minimum=0)
    max_discount_amount = MoneyField(allow_none=True)
    start_date = TimeField()
    expiry_date = TimeField()
    usage_limit = IntField(allow_none=True)
    used_count = IntField()
    is_active = BoolField()
    created_by = Id(allow_none=True)


class CouponOut(CouponCard):
    """A coupon as whoever manages it sees it."""

    per_customer_limit = IntField(allow_none=True)
    budget = MoneyField(allow_none=True)
    spent = MoneyField(minimum=0)
    audience = ChoiceField(Audience)
    applies_to = fields.List(Str())
    merchant = Id(allow_none=True)
    funded_by = fields.Function(
        lambda row: funding_of(row.get("merchant") if isinstance(row, dict) else row.merchant).value,
        metadata={"type": "string", "description": "merchant or house", "enum": list(Funding)})
    batch = Str(allow_none=True)
    created_at = TimeField()


class CouponTerms(Schema):
    """What can be changed of a coupon that has been used already."""

    discount_value = MoneyField(metadata={"description": "An amount, or a percentage up to 100"})
    min_order_amount = MoneyField(minimum=0)
    max_discount_amount = MoneyField(allow_none=True)
    start_date = TimeField()
    expiry_date = TimeField()
    usage_limit = IntField(min=1, max=2**31, allow_none=True, metadata={"description": "null for no limit"})
    budget = MoneyField(allow_none=True, metadata={"description": "The most all discounts together may cost"})
    is_active = BoolField()
    audience = ChoiceField(Audience)
    applies_to = fields.List(Str(max=30), metadata=_TARGETS)


class NewTerms(CouponTerms):
    discount_type = ChoiceField(DiscountType, required=True)
    discount_value = MoneyField(required=True, metadata={"description": "An amount, or a percentage up to 100"})
    expiry_date = TimeField(required=True)
    per_customer_limit = IntField(min=1, max=2**31, allow_none=True, metadata={
        "description": "How often one person can use it; null for any number. It cannot be changed later"})


class CouponIn(NewTerms):
    code = Str(required=True, max=LONGEST_CODE, metadata={"description": "Kept in capital letters",
                                                          "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"})


class CouponDone(Schema):
    message = Str()
    coupon = fields.Nested(CouponOut)


class CouponFilters(Schema):
    is_active = BoolField()
    audience = ChoiceField(Audience)
    merchant = Id()
    batch = Str(max=36, metadata={"description": "The codes of this batch; without it, coupons made by themselves"})


class OrderIn(Schema):
    """What a coupon is to be used on."""

    code = Str(required=True, max=50)
    kind = ChoiceField(OrderKind, load_default=OrderKind.POS, upper=True)
    item = Id(allow_none=True, metadata={"description": "Which voucher type, product or plan"})
    merchant = Id(allow_none=True, metadata={"description": "At whose till. Default: the coupon's merchant"})
    phone = PhoneField(allow_none=True, metadata={"description": "The customer's, at a till"})


class VerifyIn(OrderIn):
    order_amount = MoneyField(minimum=0, allow_none=True)


class QuoteOut(Schema):
    message = Str()
    coupon = fields.Nested(CouponCard)
    applicable = BoolField()
    reason = Str(allow_none=True, metadata={"description": "Why not; see docs/coupons.md"})
    missing_amount = FigureField(metadata={"description": "What the order lacks to the coupon's minimum"})
    discount = FigureField()
    final_amount = FigureField(allow_none=True, metadata={"description": "null when no order amount was sent"})


class ApplyIn(OrderIn):
    order_amount = MoneyField(required=True)
    hold = BoolField(load_default=False, metadata={"description": "Reserve it for 15 minutes instead of using it"})


class RedemptionOut(Schema):
    id = Str(metadata={"format": "uuid"})
    coupon = Id()
    code = Str()
    status = ChoiceField(Status)
    kind = ChoiceField(OrderKind)
    merchant = Id(allow_none=True)
    user = Id(allow_none=True)
    phone = Str(allow_none=True)
    order_amount = MoneyField()
    discount = MoneyField(minimum=0)
    final_amount = MoneyField(minimum=0)
    expires_at = TimeField(allow_none=True)
    created_at = TimeField()
    confirmed_at = TimeField(allow_none=True)
    released_at = TimeField(allow_none=True)


class Applied(Schema):
    message = Str()
    discount = FigureField()
    final_amount = FigureField()
    redemption = fields.Nested(RedemptionOut)


class RedemptionDone(Schema):
    message = Str()
    redemption = fields.Nested(RedemptionOut)


class RedemptionFilters(Schema):
    status = ChoiceField(Status, upper=True)


class AssignIn(Schema):
    phone = PhoneField(required=True)
    coupon_code = Str(required=True, max=50)


class Assigned(Schema):
    message = Str()
    created = BoolField(metadata={"description": "false when it had been assigned to this number before"})


class OffersIn(Schema):
    phone = PhoneField(required=True)
    order_amount = MoneyField(minimum=0, load_default=0)
    kind = ChoiceField(OrderKind, load_default=OrderKind.POS, upper=True)


class OffersOut(Schema):
    best_coupon = fields.Nested(CouponCard, attribute="best.coupon", allow_none=True)
    expiring_coupon = fields.Nested(CouponCard, attribute="expiring.coupon", allow_none=True)
    other_coupons = fields.Function(
        lambda offers: CouponCard().dump([offer.coupon for offer in offers.others], many=True),
        metadata={"type": "array", "items": {"type": "object"}})
    has_expiring_override = BoolField()


class BestBarcode(Schema):
    coupon = fields.Nested(CouponCard)
    barcode_value = Str(attribute="coupon.code")
    discount = FigureField()
    auto_applied = fields.Constant(True)


class OtherBarcode(Schema):
    coupon = fields.Nested(CouponCard)
    barcode_value = Str(attribute="coupon.code")
    discount = FigureField()
    expiring = BoolField()


class ExpiringBarcode(OtherBarcode):
    auto_applied = fields.Constant(False)


class BarcodesOut(Schema):
    best_barcode = fields.Nested(BestBarcode, attribute="best", allow_none=True)
    expiring_barcode = fields.Nested(ExpiringBarcode, attribute="expiring", allow_none=True)
    other_barcodes = fields.List(fields.Nested(OtherBarcode), attribute="others")
    has_expiring_override = BoolField()


class PictureArgs(Schema):
    picture = ChoiceField(Format, metadata={"description": "Answer the picture itself, as SVG or PNG"})


class QrIn(PictureArgs):
    phone = PhoneField(allow_none=True, metadata={"description": "The customer's, when its merchant shows the code"})


class QrOut(Schema):
    qr_token = Str()
    expires_at = TimeField()


class ScanIn(Schema):
    token = Str(required=True, max=2000)


class ScanOut(Schema):
    coupon = fields.Nested(CouponCard)
    phone = Str(blank=True)


class BatchIn(NewTerms):
    count = IntField(required=True, min=1, max=LARGEST_BATCH)
    prefix = Str(max=coupon_batches.MAX_PREFIX, blank=True, load_default="")


class BatchOut(Schema):
    id = Str(metadata={"format": "uuid"})
    status = ChoiceField(BatchStatus)
    prefix = Str(blank=True)
    count = IntField()
    done = IntField(metadata={"description": "How many of the codes exist"})
    merchant = Id(allow_none=True)
    created_by = Id()
    created_at = TimeField()
    completed_at = TimeField(allow_none=True)


class BatchOrdered(Schema):
    message = Str()
    batch = fields.Nested(BatchOut)


class BatchCode(Schema):
    number = IntField()
    code = Str()
    used_count = IntField()
    is_active = BoolField()
    expiry_date = TimeField()

"""Top-ups on the wire, as Razorpay's checkout and its clients know them."""
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, IntField, MoneyField, Str
from blueprints.schemas.pos_payments import UuidField


class OrderIn(Schema):
    amount = MoneyField(required=True)


class OrderOut(Schema):
    order_id = Str()
    razorpay_key = Str()
    amount = IntField(metadata={"description": "Minor units (paise), as the checkout wants it"})
    currency = Str()
    payment_id = UuidField()


class SuccessIn(Schema):
    razorpay_order_id = Str(required=True, max=100)
    razorpay_payment_id = Str(required=True, max=100)
    razorpay_signature = Str(required=True, max=200)
    amount = MoneyField(metadata={"description": "Must be the order's; it is credited in any case"})


class SuccessOut(Schema):
    success = BoolField()
    message = Str()
    amount = MoneyField()
    balance = MoneyField(minimum=0)

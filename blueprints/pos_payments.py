"""Payments at the till: asking, scanning, paying, confirming, giving up, giving back."""
from flask import Response

from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.card_payments import IntentOut
from blueprints.schemas.pos_payments import (
    PayIn,
    PaymentChanged,
    PaymentCreated,
    PaymentCreateIn,
    PaymentFilters,
    PaymentOut,
    PictureArgs,
    RefundedOut,
    RefundIn,
    RefundOut,
    ScannedOut,
    VerifyIn,
)
from blueprints.shell import Blueprint
from services import card_payments, pictures, pos, pos_cards, pos_refunds
from services.pictures import Format

blp = Blueprint("pos_payments", __name__, url_prefix="/api/payments", description="Payments at a merchant's till")


@blp.route("/create/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(PaymentCreateIn)
@blp.response(201, PaymentCreated)
def create_payment(body):
    """Ask for a payment at the caller's till; it can be paid for 15 minutes."""
    return {"message": "Payment created", "payment": pos.create(user=current_user, **body)}


@blp.route("/scan/<uuid:payment_id>/", methods=["POST"])
@requires()
@idempotent
@blp.response(200, ScannedOut)
def scan_payment(payment_id):
    """Say that the QR code was read, by a customer or by the till itself."""
    payment = pos.scan(user=current_user, payment_id=str(payment_id))
    return {"message": "QR scanned", "status": "SCANNED", "payment": payment,
            "merchant_name": pos.merchant_name(payment)}


@blp.route("/pay/<uuid:payment_id>/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(PayIn)
@blp.response(200, PaymentChanged)
def pay_payment(body, payment_id):
    """Pay from the caller's wallet."""
    payment = pos.pay(user=current_user, payment_id=str(payment_id), **body)
    return {"message": "Payment successful", "status": "SUCCESS", "payment": payment}


@blp.route("/pay/<uuid:payment_id>/card/", methods=["POST"])
@requires()
@blp.response(201, IntentOut)
def pay_by_card(payment_id):
    """Open the payment at the card gateway for the caller; afterwards `confirm-payment/` as for any card payment."""
    opened = pos_cards.open_card_payment(user=current_user, payment_id=str(payment_id))
    return card_payments.for_browser(opened, user=current_user)


@blp.route("/verify/<uuid:payment_id>/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(VerifyIn)
@blp.response(200, PaymentChanged)
def verify_payment(body, payment_id):
    """Confirm that a payment of the caller's till was made in cash or by UPI, or say that it was not."""
    payment = pos.confirm(user=current_user, payment_id=str(payment_id), paid=body["status"] == "SUCCESS",
                          method=body.get("method"))
    return {"message": "Payment updated", "status": body["status"], "payment": payment}


@blp.route("/cancel/<uuid:payment_id>/", methods=["POST"])
@requires()
@idempotent
@blp.response(200, PaymentChanged)
def cancel_payment(payment_id):
    """Give an unpaid payment of the caller's till up."""
    payment = pos.cancel(user=current_user, payment_id=str(payment_id))
    return {"message": "Payment cancelled", "status": "FAILED", "payment": payment}


@blp.route("/refund/<uuid:payment_id>/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(RefundIn)
@blp.response(201, RefundedOut)
def refund_payment(body, payment_id):
    """Give back a part of a payment of the caller's merchant, or all that is left of it, the way it came."""
    refund = pos_refunds.refund(user=current_user, payment_id=str(payment_id), **body)
    return {"message": "Payment refunded", "refund": refund}


@blp.route("/list/", methods=["GET"])
@requires()
@blp.listing(PaymentOut, PaymentFilters, bare=True, cursor=True)
def list_payments(filters):
    """The payments of the caller's tills, newest first; every merchant's for staff."""
    return pos.listing(viewer=current_user, **filters)


@blp.route("/<uuid:payment_id>/", methods=["GET"])
@requires()
@blp.response(200, PaymentOut)
def show_payment(payment_id):
    """One payment: for its till, for who paid it, and, while it waits, for who holds its QR code."""
    return pos.get(str(payment_id), viewer=current_user)


@blp.route("/<uuid:payment_id>/qr/", methods=["GET"])
@requires()
@blp.arguments(PictureArgs, location="query")
@blp.response(200, {"type": "string"}, content_type="image/svg+xml")
@blp.doc(responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}})
def show_payment_qr(args, payment_id):
    """The QR code of a payment as a picture; it says the payment's `qr_payload`."""
    payment = pos.get(str(payment_id), viewer=current_user)
    picture = pictures.qr(pos.qr_payload(payment.id), Format(args["format"]))
    return Response(picture.content, mimetype=picture.content_type)


@blp.route("/<uuid:payment_id>/refunds/", methods=["GET"])
@requires()
@blp.listing(RefundOut)
def list_payment_refunds(payment_id):
    """What was given back of one payment, newest first."""
    return pos_refunds.of_payment(str(payment_id), viewer=current_user)

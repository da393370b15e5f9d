"""Paying by card: opening, confirming, looking back, and asking for money back."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent, keyed
from blueprints.schemas.card_payments import (
    CardPaymentOut,
    CardRefundOut,
    ConfirmIn,
    ConfirmOut,
    DecisionIn,
    IntentIn,
    IntentOut,
    PaymentFilters,
    RefundAnswered,
    RefundFilters,
    RefundRequestIn,
)
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import card_payments, card_refunds

blp = Blueprint("card_payments", __name__, url_prefix="/api/payments", description="Card payments and their refunds")


@blp.route("/create-payment-intent/", methods=["POST"])
@requires()
@blp.arguments(IntentIn)
@blp.response(201, IntentOut)
@keyed
def create_intent(body, key):
    """Open a card payment for vouchers; price and currency are the shop's, and a coupon is held meanwhile."""
    opened = card_payments.open_voucher_payment(user=current_user, key=key, **body)
    return card_payments.for_browser(opened, user=current_user), opened.replayed


@blp.route("/confirm-payment/", methods=["POST"])
@requires()
@blp.arguments(ConfirmIn)
@blp.response(200, ConfirmOut)
def confirm_payment(body):
    """Say that the payer has paid: the gateway is asked, and what was bought is handed out, once however often."""
    payment = card_payments.confirm(user=current_user, intent_id=body["payment_intent_id"])
    return {"message": "Payment confirmed and vouchers created", "voucher_codes": card_payments.codes_of(payment.id),
            "payment": card_payments.get(payment.id, user=current_user)}


@blp.route("/history/", methods=["GET"])
@requires()
@blp.listing(CardPaymentOut, PaymentFilters, cursor=True)
def list_history(filters):
    """List the caller's own payments of every kind, newest first."""
    return card_payments.listing(user=current_user, **filters)


@blp.route("/transaction/<uuid:payment_id>/", methods=["GET"])
@requires()
@blp.response(200, CardPaymentOut)
def show_transaction(payment_id):
    """Show one of the caller's own payments."""
    return card_payments.get(str(payment_id), user=current_user)


@blp.route("/refund/request/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(RefundRequestIn)
@blp.response(201, RefundAnswered)
def request_refund(body):
    """Ask for a card payment back, in part or whole; staff decides."""
    return {"message": "Refund request submitted successfully",
            "refund": card_refunds.request(user=current_user, **body)}


@blp.route("/refunds/", methods=["GET"])
@requires()
@blp.listing(CardRefundOut, RefundFilters)
def list_refunds(filters):
    """List the caller's own refunds, newest first; everybody's for staff."""
    return card_refunds.listing(viewer=current_user, **filters)


@blp.route("/refunds/<uuid:refund_id>/approve/", methods=["POST"])
@requires(Permission.MANAGE_REFUNDS)
@blp.arguments(DecisionIn)
@blp.response(200, RefundAnswered)
def approve_refund(body, refund_id):
    """Pay a requested refund back; it stays `processing` while the gateway has not answered."""
    refund = card_refunds.approve(actor=current_user, refund_id=str(refund_id), **body)
    return {"message": "Refund approved", "refund": refund}


@blp.route("/refunds/<uuid:refund_id>/reject/", methods=["POST"])
@requires(Permission.MANAGE_REFUNDS)
@blp.arguments(DecisionIn)
@blp.response(200, RefundAnswered)
def reject_refund(body, refund_id):
    """Decline a requested refund."""
    return {"message": "Refund rejected",
            "refund": card_refunds.reject(actor=current_user, refund_id=str(refund_id), **body)}

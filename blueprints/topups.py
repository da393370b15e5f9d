"""Putting money into one's own wallet."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import keyed
from blueprints.schemas.topups import OrderIn, OrderOut, SuccessIn, SuccessOut
from blueprints.shell import Blueprint
from services import topups, wallets

blp = Blueprint("topups", __name__, url_prefix="/api/payment", description="Topping one's wallet up")


@blp.route("/create-order/", methods=["POST"])
@requires()
@blp.arguments(OrderIn)
@blp.response(200, OrderOut)
@keyed
def create_order(body, key):
    """Open an order for the gateway's checkout; it fixes the amount that will be credited."""
    order = topups.create_order(user=current_user, key=key, **body)
    payment = order.payment
    return {"order_id": payment.gateway.intent, "razorpay_key": order.public_key, "amount": payment.final_amount,
            "currency": payment.currency, "payment_id": payment.id}, order.replayed


@blp.route("/payment-success/", methods=["POST"])
@requires()
@blp.arguments(SuccessIn)
@blp.response(200, SuccessOut)
def payment_success(body):
    """Credit an own order that the checkout has signed; once, however often it is told."""
    payment = topups.confirm(
        user=current_user, order_id=body["razorpay_order_id"], charge=body["razorpay_payment_id"],
        signature=body["razorpay_signature"], amount=body.get("amount"))
    return {"success": True, "message": "Payment verified and wallet updated", "amount": payment.final_amount,
            "balance": wallets.wallet_of(current_user.id).balance}

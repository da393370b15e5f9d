"""Where payment gateways tell what happened, with a signature instead of a login."""
from typing import Any

from flask import request

from blueprints.schemas.card_payments import WebhookTaken
from blueprints.shell import Blueprint
from services import gateway_events
from services.gateways.payments import razorpay_events, stripe_events

blp = Blueprint("gateway_webhooks", __name__, url_prefix="/api", description="Webhooks of payment gateways")


def _signed_by(header: str, how: str) -> dict[str, Any]:
    return {"parameters": [{"in": "header", "name": header, "required": True, "description": how,
                            "schema": {"type": "string"}}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@blp.route("/payments/webhook/", methods=["POST"])
@blp.response(200, WebhookTaken)
@blp.alt_response(400, "BAD_REQUEST")
@blp.alt_response(401, "UNAUTHORIZED")
@blp.doc(**_signed_by(stripe_events.HEADER, "Stripe's signature of the raw body, at most 300 seconds old"))
def hear_cards():
    """Take a webhook of Stripe; repeats and any order are welcome, unknown events are kept and acknowledged."""
    return _taken(gateway_events.hear_cards(request.get_data(cache=True), request.headers))


@blp.route("/payment/webhook/", methods=["POST"])
@blp.response(200, WebhookTaken)
@blp.alt_response(400, "BAD_REQUEST")
@blp.alt_response(401, "UNAUTHORIZED")
@blp.doc(**_signed_by(razorpay_events.HEADER, "Hex HMAC-SHA256 of the raw body under RAZORPAY_WEBHOOK_SECRET"))
def hear_topups():
    """Take a webhook of Razorpay; repeats and any order are welcome, unknown events are kept and acknowledged."""
    return _taken(gateway_events.hear_topups(request.get_data(cache=True), request.headers))


def _taken(status):
    return {"received": True, "status": status}

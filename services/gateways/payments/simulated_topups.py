"""Top-ups without Razorpay: orders whose checkout anybody can play, because the key is known to all."""
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from redis.exceptions import RedisError

from config import connections
from services.gateways.payments import razorpay_events
from services.gateways.payments.base import GatewayRefused, GatewayUnavailable, Intent, News, Order

KEY_ID = "rzp_test_simulated"
KEY_SECRET = "simulated-secret"  # noqa: S105  it guards nothing: production refuses a simulated gateway
WEBHOOK_SECRET = "simulated-webhook-secret"  # noqa: S105

ORDERS = "purser:topups:orders"
PAYMENTS = "purser:topups:payments"


class SimulatedTopups:
    """Takes a signed `payment-success`, or a signed webhook, as proof that its checkout was paid."""

    name = "simulated_razorpay"
    public_key = KEY_ID

    def open(self, order: Order) -> Intent:
        made = {"id": f"order_{hashlib.sha256(order.payment.encode()).hexdigest()[:14]}", "amount": order.amount,
                "currency": order.currency, "receipt": order.payment}
        try:
            _redis().hsetnx(ORDERS, made["id"], json.dumps(made))
        except RedisError as error:
            raise GatewayUnavailable from error
        return razorpay_events.intent_of_order(made, [])

    def fetch(self, intent_id: str) -> Intent:
        order = _order(intent_id)
        paid = _redis().hget(PAYMENTS, intent_id)
        return razorpay_events.intent_of_order(order, [json.loads(paid)] if paid else [])

    def cancel(self, intent_id: str) -> Intent:
        return self.fetch(intent_id)

    def is_signed(self, intent_id: str, charge: str, signature: str) -> bool:
        signed = razorpay_events.is_signed(KEY_SECRET, intent_id, charge, signature)
        if signed:
            pay(intent_id, charge)
        return signed

    def hear(self, body: bytes, headers: Mapping[str, str]) -> News:
        return razorpay_events.hear(body, headers, WEBHOOK_SECRET)

    def read(self, body: bytes) -> News:
        return razorpay_events.read(body)


def pay(order_id: str, payment_id: str) -> dict[str, Any]:
    """Somebody pays in the checkout; the payment as webhooks show it. A second one changes nothing."""
    order = _order(order_id)
    _redis().hsetnx(PAYMENTS, order_id, json.dumps({
        "id": payment_id, "order_id": order_id, "amount": order["amount"], "currency": order["currency"],
        "status": "captured"}))
    return json.loads(_redis().hget(PAYMENTS, order_id))


def _order(order_id: str) -> dict[str, Any]:
    known = _redis().hget(ORDERS, order_id)
    if known is None:
        raise GatewayRefused("bad_request")
    return json.loads(known)


def _redis() -> Any:
    # redis-py types every answer as perhaps awaitable.
    return connections.redis()

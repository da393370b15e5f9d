"""Stripe through its SDK; the key goes along with every call, never into the SDK's globals."""
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

import stripe

from services.gateways.payments import stripe_events
from services.gateways.payments.base import (
    GatewayRefused,
    GatewayUnavailable,
    Intent,
    News,
    Order,
    RefundOrder,
    RefundState,
    Returned,
)

SEARCHED_REFUNDS = 100
"""As many as Stripe lists at once; a payment of ours has a handful."""

log = logging.getLogger(__name__)


class StripeGateway:
    """Cards by Stripe: intents are confirmed by the payer's browser, and only asked about here."""

    name = "stripe"

    def __init__(self, *, secret_key: str, webhook_secret: str, api_base: str, timeout_seconds: int) -> None:
        self._webhook_secret = webhook_secret
        self._http = stripe.RequestsClient(timeout=timeout_seconds)
        self._client = stripe.StripeClient(
            secret_key, http_client=self._http, max_network_retries=1,
            base_addresses={"api": api_base} if api_base else None).v1

    def close(self) -> None:
        self._http.close()

    def open(self, order: Order) -> Intent:
        return stripe_events.intent_of(_asked(lambda: self._client.payment_intents.create(
            {"amount": order.amount, "currency": order.currency.lower(),
             "metadata": {"payment_id": order.payment, "user_id": str(order.user)}},
            {"idempotency_key": f"payment-{order.payment}"})))

    def fetch(self, intent_id: str) -> Intent:
        return stripe_events.intent_of(_asked(lambda: self._client.payment_intents.retrieve(
            intent_id, {"expand": ["latest_charge"]})))

    def cancel(self, intent_id: str) -> Intent:
        # Refused when it was paid, is being paid or was cancelled before: the answer below says which.
        with contextlib.suppress(GatewayRefused):
            _asked(lambda: self._client.payment_intents.cancel(intent_id))
        return self.fetch(intent_id)

    def refund(self, order: RefundOrder, *, again: bool) -> Returned:
        # Stripe forgets idempotency keys after a day, its refunds never.
        known = self._find(order) if again else None
        if known is not None:
            return known
        try:
            return stripe_events.returned_of(_asked(lambda: self._client.refunds.create(
                {"payment_intent": order.intent, "amount": order.amount, "metadata": {"refund_id": order.refund}},
                {"idempotency_key": f"refund-{order.refund}"})))
        except GatewayRefused as error:
            return Returned(state=RefundState.FAILED, refund=order.refund, code=error.reason)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> News:
        return stripe_events.hear(body, headers, self._webhook_secret)

    def read(self, body: bytes) -> News:
        return stripe_events.read(body)

    def _find(self, order: RefundOrder) -> Returned | None:
        found = _asked(lambda: self._client.refunds.list(
            {"payment_intent": order.intent, "limit": SEARCHED_REFUNDS}))
        answers = map(stripe_events.returned_of, found["data"])
        return next((answer for answer in answers if answer.refund == order.refund), None)


def _asked(call: Callable[[], stripe.StripeObject]) -> dict[str, Any]:
    """Make one call; what the SDK raises becomes ours, and nothing of it reaches a caller of the API."""
    try:
        return call().to_dict()
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        log.warning("Stripe refused: %s", error.code or error.user_message)
        raise GatewayRefused(error.code or "") from error
    except stripe.StripeError as error:
        log.error("Stripe could not be used: %s", type(error).__name__)
        raise GatewayUnavailable from error

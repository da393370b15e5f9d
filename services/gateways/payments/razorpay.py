"""Razorpay through its SDK: an order is what is to be paid, and the payer's checkout pays it."""
import logging
from collections.abc import Callable, Mapping
from typing import Any

import razorpay
import requests

from services.gateways.payments import razorpay_events
from services.gateways.payments.base import GatewayRefused, GatewayUnavailable, Intent, News, Order

log = logging.getLogger(__name__)


class RazorpayGateway:
    """Top-ups by Razorpay. An order cannot be closed: what is paid late is credited late."""

    name = "razorpay"

    def __init__(self, *, key_id: str, key_secret: str, webhook_secret: str, api_base: str,
                 timeout_seconds: int) -> None:
        self.public_key = key_id
        self._key_secret, self._webhook_secret, self._timeout = key_secret, webhook_secret, timeout_seconds
        self._client = razorpay.Client(auth=(key_id, key_secret), **({"base_url": api_base} if api_base else {}))

    def close(self) -> None:
        self._client.session.close()

    def open(self, order: Order) -> Intent:
        made = self._asked(self._client.order.create, {
            "amount": order.amount, "currency": order.currency, "receipt": order.payment, "payment_capture": 1})
        return razorpay_events.intent_of_order(made, [])

    def fetch(self, intent_id: str) -> Intent:
        order = self._asked(self._client.order.fetch, intent_id)
        return razorpay_events.intent_of_order(order, self._asked(self._client.order.payments, intent_id)["items"])

    def cancel(self, intent_id: str) -> Intent:
        return self.fetch(intent_id)

    def is_signed(self, intent_id: str, charge: str, signature: str) -> bool:
        return razorpay_events.is_signed(self._key_secret, intent_id, charge, signature)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> News:
        return razorpay_events.hear(body, headers, self._webhook_secret)

    def read(self, body: bytes) -> News:
        return razorpay_events.read(body)

    def _asked(self, call: Callable[..., Any], argument: Any) -> Any:
        try:
            return call(argument, timeout=self._timeout)
        except razorpay.errors.BadRequestError as error:
            log.warning("Razorpay refused: %s", error)
            raise GatewayRefused("bad_request") from error
        except (razorpay.errors.GatewayError, razorpay.errors.ServerError, requests.RequestException,
                ValueError) as error:
            log.error("Razorpay could not be used: %s", type(error).__name__)
            raise GatewayUnavailable from error

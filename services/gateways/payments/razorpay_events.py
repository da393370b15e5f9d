"""Razorpay's webhooks, orders and payments in our words; the simulated one speaks the same language."""
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.gateways.payments.base import BadEvent, BadSignature, Intent, News, State

HEADER = "X-Razorpay-Signature"

_STATES = {"created": State.OPEN, "authorized": State.PROCESSING, "captured": State.SUCCEEDED,
           "refunded": State.SUCCEEDED, "failed": State.DECLINED}
_FURTHEST = [State.SUCCEEDED, State.PROCESSING, State.DECLINED, State.OPEN]


def hear(body: bytes, headers: Mapping[str, str], secret: str) -> News:
    """Verify and read a webhook. Raises BadSignature, also while no secret is set, and BadEvent."""
    if not secret or not _matches(secret, body, headers.get(HEADER, "")):
        raise BadSignature
    try:
        return read(body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadEvent from error


def read(body: bytes) -> News:
    """Read a webhook; one that says nothing about a payment has no intent."""
    event = json.loads(body)
    payment = event.get("payload", {}).get("payment", {}).get("entity")
    # The id that Razorpay sends stands in a header that it does not sign; the body is signed, and the same each time.
    return News(id=hashlib.sha256(body).hexdigest(), type=event["event"],
                intent=intent_of(payment) if payment and payment.get("order_id") else None)


def intent_of(payment: Mapping[str, Any]) -> Intent:
    """What one payment says about the order that it pays."""
    state = _STATES.get(payment["status"], State.OPEN)
    return Intent(
        id=payment["order_id"], state=state, amount=payment["amount"], currency=payment["currency"],
        received=payment["amount"] if state is State.SUCCEEDED else 0, charge=payment["id"],
        refunded=payment.get("amount_refunded") or 0,
        code=str(payment.get("error_code") or "declined")[:100] if state is State.DECLINED else None)


def intent_of_order(order: Mapping[str, Any], payments: Sequence[Mapping[str, Any]]) -> Intent:
    """An order with all that was tried to pay it: the try that came furthest decides."""
    tries = sorted(map(intent_of, payments), key=lambda intent: _FURTHEST.index(intent.state))
    if tries:
        return tries[0]
    return Intent(id=order["id"], state=State.OPEN, amount=order["amount"], currency=order["currency"],
                  payment=order.get("receipt"))


def signature(secret: str, order_id: str, payment_id: str) -> str:
    """What the checkout gives the payer's browser to prove that it paid."""
    return hmac.new(secret.encode(), f"{order_id}|{payment_id}".encode(), hashlib.sha256).hexdigest()


def is_signed(secret: str, order_id: str, payment_id: str, given: str) -> bool:
    return bool(secret) and _matches(secret, f"{order_id}|{payment_id}".encode(), given)


def _matches(secret: str, body: bytes, given: str) -> bool:
    return given.isascii() and hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), given)

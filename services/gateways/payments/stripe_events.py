"""Stripe's webhooks and objects in our words; the simulated gateway speaks the same language."""
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import stripe

from services.gateways.payments.base import BadEvent, BadSignature, Dispute, Intent, News, RefundState, Returned, State

TOLERANCE_SECONDS = 300
HEADER = "Stripe-Signature"

_STATES = {
    "requires_payment_method": State.OPEN, "requires_confirmation": State.OPEN, "requires_action": State.OPEN,
    "processing": State.PROCESSING, "requires_capture": State.PROCESSING, "succeeded": State.SUCCEEDED,
    "canceled": State.CANCELLED,
}
_RETURNED = {"succeeded": RefundState.COMPLETED, "failed": RefundState.FAILED, "canceled": RefundState.FAILED}
_REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
_DISPUTES = ("charge.dispute.created", "charge.dispute.closed")


def hear(body: bytes, headers: Mapping[str, str], secret: str) -> News:
    """Verify and read a webhook. Raises BadSignature, also while no secret is set, and BadEvent."""
    try:
        if not secret:
            raise BadSignature
        stripe.WebhookSignature.verify_header(
            body.decode(), headers.get(HEADER, ""), secret, tolerance=TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise BadSignature from error
    try:
        return read(body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadEvent from error


def sign(body: bytes, secret: str, *, at: float | None = None) -> str:
    """The header that signs `body` as Stripe does, now or at the Unix time `at`."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def read(body: bytes) -> News:
    """Read a webhook; one that says nothing we follow has neither intent, refund nor dispute."""
    event = json.loads(body)
    about, type_ = event["data"]["object"], event["type"]
    if type_.startswith("payment_intent."):
        return News(id=event["id"], type=type_, intent=intent_of(about, declined=type_.endswith(".payment_failed")))
    if type_ == "charge.refunded" and about.get("payment_intent"):
        return News(id=event["id"], type=type_, intent=_intent_of_charge(about))
    if type_ in _REFUND_EVENTS:
        return News(id=event["id"], type=type_, returned=returned_of(about))
    if type_ in _DISPUTES and about.get("payment_intent"):
        return News(id=event["id"], type=type_, dispute=Dispute(
            id=about["id"], intent=about["payment_intent"], amount=about["amount"], lost=about["status"] == "lost"))
    return News(id=event["id"], type=type_)


def intent_of(about: Mapping[str, Any], *, declined: bool = False) -> Intent:
    """A PaymentIntent, its charge expanded or not."""
    state = _STATES.get(about["status"], State.OPEN)
    error = about.get("last_payment_error") or {}
    if state is State.OPEN and (declined or error):
        state = State.DECLINED
    charge = about.get("latest_charge")
    known = charge if isinstance(charge, Mapping) else {}
    return Intent(
        id=about["id"], state=state, amount=about["amount"], currency=about["currency"].upper(),
        payment=(about.get("metadata") or {}).get("payment_id"),
        received=_received(about) if state is State.SUCCEEDED else 0,
        charge=known.get("id") if known else charge, refunded=known.get("amount_refunded") or 0,
        code=_code(error) if state is State.DECLINED else None, client_secret=about.get("client_secret"))


def returned_of(about: Mapping[str, Any]) -> Returned:
    """A Refund."""
    return Returned(id=about["id"], state=_RETURNED.get(about.get("status") or "", RefundState.PENDING),
                    refund=(about.get("metadata") or {}).get("refund_id"), code=about.get("failure_reason"))


def _intent_of_charge(about: Mapping[str, Any]) -> Intent:
    # What was refunded was paid before, whatever of that has reached us yet.
    return Intent(
        id=about["payment_intent"], state=State.SUCCEEDED, amount=about["amount"], currency=about["currency"].upper(),
        received=about.get("amount_captured", about["amount"]), charge=about["id"],
        payment=(about.get("metadata") or {}).get("payment_id"), refunded=about["amount_refunded"])


def _received(about: Mapping[str, Any]) -> int:
    received = about.get("amount_received")
    return about["amount"] if received is None else received


def _code(error: Mapping[str, Any]) -> str:
    return str(error.get("decline_code") or error.get("code") or "declined")[:100]

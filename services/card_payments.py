"""Payments through a gateway: opened there, and carried to whatever end the gateway reports."""
import json
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from config import settings
from documents.base import Duplicate
from documents.errors import Conflict, NotFound
from documents.listing import Listing
from documents.payments import OPEN, PAID, Gateway, Kind, Payment, Status
from documents.transactions import atomic
from documents.users import User
from documents.vouchers import Voucher
from services import gateway_outcomes, idempotency, payments, voucher_orders
from services.gateway_outcomes import METHODS, apply
from services.gateways.payments.base import GatewayRefused, Intent, Order
from services.gateways.payments.choice import cards, named
from services.idempotency import Mismatch

FIRST_CHECK = timedelta(minutes=10)
"""How long a payment may wait before the gateway is asked by ourselves."""


class NotSuccessful(Conflict):
    """The payer has not paid, or its card was refused; `payment` says where it stands."""

    code = "payment_not_successful"
    detail = "Payment not successful"


class Opened(NamedTuple):
    payment: Payment
    intent: Intent | None
    """What the payer's browser needs; None when there is nothing (more) to pay."""
    replayed: bool = False


class Key(NamedTuple):
    """An Idempotency-Key in the scope of its caller and route, with the fingerprint of what was asked."""

    scope: str
    fingerprint: str


def open_voucher_payment(*, user: User, voucher_type_id: int, quantity: int = 1, discount_code: str | None = None,
                         key: str | None = None) -> Opened:
    """Open a card payment for vouchers. Amount and currency are ours alone; a coupon is held for the payment.

    A repeat under the same `key` carries the first one on. Raises what `voucher_orders.draft` raises, Mismatch for
    the key, GatewayRefused, GatewayUnavailable, GatewayNotConfigured.
    """
    name = cards().name
    asked = key_of(user, "card", key, [voucher_type_id, quantity, discount_code])

    @atomic
    def store() -> Payment:
        payment = voucher_orders.draft(user=user, kind=Kind.CARD, voucher_type_id=voucher_type_id, quantity=quantity,
                                       discount_code=discount_code, hold=True).payment
        return keep(payment, name, asked)

    return open_once(asked, store)


def for_browser(opened: Opened, *, user: User) -> dict:
    """What the payer's browser needs to pay at the gateway, and the payment as its payer sees it."""
    payment, intent = opened.payment, opened.intent
    return {"payment_id": payment.id, "client_secret": intent.client_secret if intent else None,
            "publishable_key": settings.current().stripe_publishable_key or None, "amount": payment.final_amount,
            "currency": payment.currency, "payment": get(payment.id, user=user)}


def open_once(asked: Key | None, store: Callable[[], Payment]) -> Opened:
    """Store a payment and open it at its gateway, or carry on what the same key has stored before."""
    known = _asked_before(asked)
    if known is not None:
        return carry_on(known, replayed=True)
    try:
        payment = store()
    except Duplicate:       # another request was faster with the key
        if asked is None:
            raise
        return open_once(asked, store)
    return carry_on(payment)


def keep(payment: Payment, gateway: str, asked: Key | None) -> Payment:
    """Store a payment that is to be opened at `gateway`, in the caller's transaction. Raises Duplicate for the key."""
    payment.gateway, payment.method = Gateway(name=gateway), METHODS[payment.kind]
    payment.next_check_at = payment.created_at + FIRST_CHECK
    if asked is not None:
        payment.keys, payment.fingerprint = [asked.scope], asked.fingerprint
    payment.create()
    payments.announce("payment.created", payment)
    return payment


def key_of(user: User, route: str, key: str | None, asked: list) -> Key | None:
    """The scope and fingerprint of an Idempotency-Key; None without one. Raises Invalid for a malformed key."""
    if key is None:
        return None
    fingerprint = idempotency.fingerprint_of(json.dumps(asked).encode())
    return Key(f"{user.id}:{route}:{idempotency.checked_key(key)}", fingerprint)


def confirm(*, user: User, intent_id: str) -> Payment:
    """The payer's browser says that it has paid: ask the gateway, and give out what was bought if it is so.

    Any number may ask at once, before and after the webhook: it is given out once, and all hear the same. Raises
    NotFound for somebody else's, NotSuccessful, PaymentMismatch, GatewayUnavailable.
    """
    payment = Payment.find_one({"gateway.intent": intent_id, "user": user.id, "kind": {"$in": [Kind.CARD, Kind.POS]}})
    if payment is None:
        raise NotFound
    if payment.status not in PAID:
        payment = follow(payment)
    if payment.status not in PAID:
        raise NotSuccessful
    return payment


def follow(payment: Payment) -> Payment:
    """Ask the gateway about an opened payment and apply what it says. Raises GatewayUnavailable."""
    return apply(payment, named(payment.gateway.name).fetch(payment.gateway.intent))


def listing(*, user: User, status: str | None = None) -> Listing:
    """The user's own payments of every kind, newest first, abandoned ones included."""
    match: dict = {"user": user.id}
    return Listing(Payment, match if status is None else {"$and": [match, _shown_as(status)]}, lookups=WITH_TYPE,
                   orderings={name: name for name in ("created_at", "amount", "final_amount", "status")})


def get(payment_id: str, *, user: User) -> dict:
    """One of the user's own payments as lists show it. Raises NotFound."""
    match = {"_id": payment_id, "user": user.id}
    rows = Listing(Payment, match, lookups=WITH_TYPE).rows(match, [("_id", 1)], limit=1)
    if not rows:
        raise NotFound
    return rows[0]


def codes_of(payment_id: str) -> list[str]:
    """The codes of the vouchers that a payment bought."""
    return [row["code"] for row in Voucher.collection().find({"payment": payment_id}, {"code": 1},
                                                             sort=[("number", 1)])]


SHOWN = {
    Status.PENDING: "pending", Status.SCANNED: "pending", Status.PROCESSING: "processing", Status.SUCCESS: "completed",
    Status.REFUNDED: "refunded", Status.FAILED: "failed", Status.CANCELLED: "cancelled", Status.EXPIRED: "cancelled",
}
"""What payers call each status; an open payment whose card was refused has failed until it is tried again."""


def shown(row: dict) -> dict:
    """A stored payment as its payer sees it; `amount` is the price of one, in minor units."""
    purpose, gateway, coupon = row.get("purpose") or {}, row.get("gateway") or {}, row.get("coupon") or {}
    quantity, refused = purpose.get("quantity", 1), gateway.get("code") and row["status"] in OPEN
    return row | {
        "amount": row["amount"] // quantity, "total_amount": row["final_amount"], "quantity": quantity,
        "status": "failed" if refused else SHOWN[Status(row["status"])], "failure": gateway.get("code"),
        "payment_intent_id": gateway.get("intent"), "discount_code": coupon.get("code")}


def _shown_as(name: str) -> dict:
    stored = {"status": {"$in": [status.value for status, called in SHOWN.items() if called == name]}}
    refused = {"status": {"$in": [*OPEN]}, "gateway.code": {"$gt": ""}}
    if name == "failed":
        return {"$or": [stored, refused]}
    return {"$and": [stored, {"$nor": [refused]}]} if name in ("pending", "processing") else stored


WITH_TYPE: list[dict] = [
    {"$lookup": {"from": "voucher_types", "localField": "purpose.voucher_type", "foreignField": "_id", "as": "type"}},
    {"$set": {"type": {"$first": "$type"}}},
]


def _asked_before(asked: Key | None) -> Payment | None:
    if asked is None:
        return None
    known = Payment.find_one({"keys": asked.scope})
    if known is not None and known.fingerprint != asked.fingerprint:
        raise Mismatch
    return known


def carry_on(payment: Payment, *, replayed: bool = False) -> Opened:
    """Open a stored payment at its gateway, or find it there; one that has ended needs nothing any more."""
    if payment.status not in OPEN:
        return Opened(payment, None, replayed)
    if not payment.final_amount:
        return Opened(gateway_outcomes.succeed_free(payment), None, replayed)
    gateway = named(payment.gateway.name)
    try:
        # The gateway knows the payment by our id: asking again finds what was opened before.
        intent = gateway.fetch(payment.gateway.intent) if payment.gateway.intent else gateway.open(Order(
            payment=payment.id, user=payment.user, amount=payment.final_amount, currency=payment.currency))
    except GatewayRefused as error:
        gateway_outcomes.refuse(payment, error.reason)
        raise
    return Opened(Payment.adopt(payment.id, intent.id) or Payment.get(payment.id), intent, replayed)

"""Putting money into one's own wallet through a gateway: the order fixes the amount, and it is credited once."""
from typing import NamedTuple

from config import settings
from documents import clock
from documents.errors import Invalid, NotFound
from documents.ids import new_uuid
from documents.payments import PAID, Kind, Payment, Status
from documents.transactions import atomic
from documents.users import User
from services import card_payments, wallets
from services.card_payments import Key, NotSuccessful, keep, key_of, open_once
from services.gateways.payments.base import GatewayRefused
from services.gateways.payments.choice import topups


class BadPaymentSignature(Invalid):
    """The checkout did not sign this: nothing is credited on somebody's word."""

    code = "invalid_signature"
    detail = "Invalid signature"


class Order(NamedTuple):
    payment: Payment
    public_key: str
    """The gateway's key for the payer's browser."""
    replayed: bool = False


def create_order(*, user: User, amount: int, key: str | None = None) -> Order:
    """Open an order of `amount` minor units for the user's own wallet; a repeat under the same `key` finds it.

    Raises Mismatch for the key, GatewayRefused, GatewayUnavailable, GatewayNotConfigured.
    """
    gateway = topups()
    asked = key_of(user, "topup", key, [amount])
    wallet = wallets.wallet_of(user.id).id
    opened = open_once(asked, lambda: _store(user, wallet, amount, gateway.name, asked))
    return Order(opened.payment, gateway.public_key, opened.replayed)


def confirm(*, user: User, order_id: str, charge: str, signature: str, amount: int | None = None) -> Payment:
    """The payer's browser says that it has paid: credit the amount of the order, once, whoever says it how often.

    Raises BadPaymentSignature, NotFound for somebody else's order, Invalid for another `amount` than the order's,
    NotSuccessful while the gateway does not hold the money, PaymentMismatch, GatewayUnavailable.
    """
    payment = Payment.find_one({"gateway.intent": order_id, "user": user.id, "kind": Kind.TOPUP})
    if payment is None:
        raise NotFound
    if amount is not None and amount != payment.amount:
        raise Invalid.field("amount", "This is not the amount of the order.")
    try:
        if not topups().is_signed(order_id, charge, signature):
            raise BadPaymentSignature
    except GatewayRefused as error:
        raise NotFound from error
    if payment.status not in PAID:
        payment = card_payments.follow(payment)
    if payment.status not in PAID:
        raise NotSuccessful
    return payment


@atomic
def _store(user: User, wallet: int, amount: int, gateway: str, asked: Key | None) -> Payment:
    now = clock.now()
    return keep(Payment(
        id=new_uuid(), kind=Kind.TOPUP, user=user.id, created_by=user.id, amount=amount, final_amount=amount,
        currency=settings.current().currency, status=Status.PENDING, created_at=now, updated_at=now,
        purpose={"kind": "topup", "wallet": wallet}), gateway, asked)

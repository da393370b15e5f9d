"""Short ways to card payments for tests, on the simulated gateway."""
from typing import Any

from documents.payments import Payment
from documents.users import User
from documents.voucher_types import VoucherType
from services import card_payments, ledger, simulated_cards
from services.card_payments import Opened
from services.gateways.payments import simulated
from services.payment_books import gateway_account
from tests.vouchering import voucher_type


def open_payment(user: User, type_: VoucherType | None = None, quantity: int = 2, **options: Any) -> Opened:
    """A card payment for vouchers that waits for its payer."""
    wanted = type_ or voucher_type(1_000)
    return card_payments.open_voucher_payment(user=user, voucher_type_id=wanted.id, quantity=quantity, **options)


def pay(user: User, type_: VoucherType | None = None, quantity: int = 2, **options: Any) -> Payment:
    """A card payment that was confirmed by its payer's browser."""
    opened = open_payment(user, type_, quantity, **options)
    return card_payments.confirm(user=user, intent_id=opened.intent.id)


def told(behaviour: str, times: int | None = 1) -> None:
    simulated_cards.tell(behaviour, times=times)


def at_gateway() -> int:
    """What the simulated gateway owes the house, in minor units."""
    return -ledger.balance(gateway_account(simulated.SimulatedGateway.name))


def codes(payment: Payment) -> list[str]:
    return card_payments.codes_of(payment.id)

"""What a payment buys: handed out in the transaction that takes the money, taken back in the one that returns it."""
from collections.abc import Callable

from documents.payments import Payment
from services import voucher_issue

# The functions stand in modules that do not import services/payments.py: they are called by it.
FULFILMENTS: dict[str, Callable[[Payment], None]] = {voucher_issue.PURPOSE: voucher_issue.issue}
"""Kind of purpose -> what gives it out. It only touches the database; raising refuses the payment."""
RETURNS: dict[str, Callable[[Payment], None]] = {voucher_issue.PURPOSE: voucher_issue.cancel_unused}
"""Kind of purpose -> what takes it back for a refund that was just reserved; raising refuses the refund."""
RESTORATIONS: dict[str, Callable[[Payment], None]] = {voucher_issue.PURPOSE: voucher_issue.reinstate}
"""Kind of purpose -> what undoes its return when the refund came to nothing."""
LOSSES: dict[str, Callable[[Payment], None]] = {voucher_issue.PURPOSE: voucher_issue.follow_refund}
"""Kind of purpose -> what takes back what it can for money that is gone already, by a gateway's or bank's wish."""
VALUES: dict[str, Callable[[Payment], int]] = {voucher_issue.PURPOSE: voucher_issue.returnable}
"""Kind of purpose -> how much of the payment its return would let back, minor units; of others all that is left."""


def fulfil(payment: Payment) -> None:
    """Give out what the payment is for; nothing for one that only moves money."""
    _run(FULFILMENTS, payment)


def take_back(payment: Payment) -> None:
    """Take back what the refunds of the payment, the one just reserved included, are for."""
    _run(RETURNS, payment)


def restore(payment: Payment) -> None:
    """Give out again what was taken back for a refund that has been dropped."""
    _run(RESTORATIONS, payment)


def take_back_what_is_left(payment: Payment) -> None:
    """`take_back` for money that went back without asking us; used things stay used."""
    _run(LOSSES, payment)


def returnable(payment: Payment) -> int:
    """How much of the payment may be asked back, minor units."""
    value = VALUES.get(payment.purpose.get("kind", ""))
    return payment.refundable if value is None else value(payment)


def _run(handlers: dict[str, Callable[[Payment], None]], payment: Payment) -> None:
    handler = handlers.get(payment.purpose.get("kind", ""))
    if handler is not None:
        handler(payment)

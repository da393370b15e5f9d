"""What a payment buys: handed out in the transaction that takes the money, taken back with a full refund."""
from collections.abc import Callable

from documents.payments import Payment

# The functions stand in modules that do not import services/payments.py: they are called by it.
FULFILMENTS: dict[str, Callable[[Payment], None]] = {}
"""Kind of purpose -> what gives it out. It only touches the database; raising refuses the payment."""


def fulfil(payment: Payment) -> None:
    """Give out what the payment is for; nothing for one that only moves money."""
    handler = FULFILMENTS.get(payment.purpose.get("kind", ""))
    if handler is not None:
        handler(payment)

"""What becomes of a payment: paid, failed, cancelled or expired, each once and with all that belongs to it."""
from typing import Any

from documents import clock
from documents.errors import Conflict
from documents.payments import Method, Payment, Status
from documents.transactions import atomic
from documents.users import User
from services import coupons, events, fulfilments, payment_books, payment_transactions, wallets
from services.ledger import InsufficientFunds

EVENTS = {Status.SUCCESS: "payment.succeeded", Status.FAILED: "payment.failed",
          Status.CANCELLED: "payment.cancelled", Status.EXPIRED: "payment.expired"}


class InvalidState(Conflict):
    """The payment is not where this is possible; of two callers at once the second hears this."""

    code = "invalid_state"
    detail = "Invalid state"


@atomic
def succeed(payment_id: str, *, method: Method, payer: User | None = None, actor: int | None = None,
            match: dict | None = None, late: bool = False, give: bool = True, **facts: Any) -> Payment:
    """The payment is paid: money, coupon, what it buys and the event commit together or not at all.

    With a `payer` its wallet is charged; otherwise the money is outside and only booked. `late` accepts a
    payment that was given up and that the gateway has captured all the same; without `give` only the money is taken,
    to be given back, because what it bought cannot be had any more. `facts` are stored with it.
    Raises NotFound, InvalidState when it cannot be paid any more, InsufficientFunds, HoldExpired when its coupon was
    given back meanwhile.
    """
    payment = Payment.get(payment_id)
    payment.method = method
    if payer is not None:
        payment.user, payment.wallet = payer.id, payer_wallet(payment, payer)
        # The payer's wallet before the payment itself: it is the write that can lose against the payer's others.
        payment_books.book_capture(payment, actor=payer.id)
    now = clock.now()
    paid = Payment.advance(
        payment_id, Status.SUCCESS, now=now, match=match, late=late, method=method, captured=payment.final_amount,
        user=payment.user, wallet=payment.wallet, completed_at=now,
        to_settle=True if payment.merchant is not None else None, unset=["next_check_at", "gateway.code"],
        withheld=None if give else True, **facts)
    if paid is None:
        raise InvalidState
    if payer is None:
        payment_books.book_capture(paid, actor=actor)
    if paid.merchant is not None:       # attempts are what tills list
        payment_transactions.succeeded(paid)
    if give:
        if paid.coupon is not None:
            coupons.confirm(subject=paid.subject, late=late)
        fulfilments.fulfil(paid)
    announce(EVENTS[Status.SUCCESS], paid)
    return paid


def fail(payment_id: str, *, match: dict | None = None, **facts: Any) -> Payment:
    """The payment was refused. Raises InvalidState when it has ended already."""
    return _end(payment_id, Status.FAILED, match, facts)


def cancel(payment_id: str, *, match: dict | None = None) -> Payment:
    """Whoever asked for the money gave it up. Raises InvalidState when the payment has ended already."""
    return _end(payment_id, Status.CANCELLED, match, {})


def expire(payment_id: str, *, match: dict | None = None) -> Payment:
    """Nobody paid in time. Raises InvalidState when the payment has ended already."""
    return _end(payment_id, Status.EXPIRED, match, {})


def announce(type_: str, payment: Payment, **facts: Any) -> None:
    """Record what became of a payment, for its payer and its merchant; amounts in minor units."""
    events.record(type_, subject=payment.subject, user=payment.user, merchant=payment.merchant, kind=payment.kind,
                  amount=payment.amount, final_amount=payment.final_amount, method=payment.method,
                  status=payment.status, **facts)


@atomic
def _end(payment_id: str, to: Status, match: dict | None, facts: dict) -> Payment:
    now = clock.now()
    ended = Payment.advance(payment_id, to, now=now, match=match, completed_at=now, unset=["next_check_at"], **facts)
    if ended is None:
        Payment.get(payment_id)
        raise InvalidState
    if ended.coupon is not None:
        coupons.release(subject=ended.subject)
    payment_transactions.failed(ended)
    announce(EVENTS[to], ended)
    return ended


def payer_wallet(payment: Payment, payer: User) -> int | None:
    """The wallet that is to pay, None when there is nothing to pay. Raises InsufficientFunds without one."""
    found = wallets.find_wallet(owner=payer.id)
    if found is None and payment.final_amount:
        raise InsufficientFunds
    return found.id if found is not None else None

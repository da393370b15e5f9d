"""Payments whose browser never came back: the gateway is asked, and after an hour nobody may pay them any more."""
import contextlib
from datetime import datetime, timedelta

from documents import clock
from documents.payments import OPEN, Payment
from services import card_payments, gateway_outcomes, payments
from services.gateways.payments.base import GatewayRefused, GatewayUnavailable, Order, State
from services.gateways.payments.choice import GatewayNotConfigured, named
from services.payments import InvalidState

PAYABLE_FOR = timedelta(hours=1)
"""How long an intent can be paid; then it is closed at the gateway, and its coupon is free again."""
LEASE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
BATCH = 200


def follow_up_due() -> int:
    """Ask about every payment whose time has come; returns how many. Any number of janitors may run."""
    due = list(Payment.find({"next_check_at": {"$lte": clock.now()}}, sort=[("next_check_at", 1)], limit=BATCH))
    for payment in due:
        leased = Payment.change({"_id": payment.id, "next_check_at": payment.next_check_at},
                                {"$set": {"next_check_at": clock.now() + LEASE}})
        if leased is not None:
            # What cannot be done now is done when the lease is over; the others must not wait for it.
            with contextlib.suppress(GatewayUnavailable, GatewayNotConfigured):
                _follow_up(leased)
    return len(due)


def _follow_up(payment: Payment) -> None:
    if payment.status not in OPEN:
        Payment.change({"_id": payment.id}, {"$unset": {"next_check_at": ""}})
        return
    over = clock.now() - payment.created_at >= PAYABLE_FOR
    if payment.gateway.intent is None:
        _find_or_drop(payment, over=over)
        return
    try:
        changed = _close(payment) if over else card_payments.follow(payment)
    except gateway_outcomes.PaymentMismatch:
        return
    except GatewayRefused:
        # The gateway does not know the intent: nobody can pay it there.
        if over:
            with contextlib.suppress(InvalidState):
                payments.expire(payment.id)
        return
    _ask_later(changed)


def _close(payment: Payment) -> Payment:
    """Let nobody pay any more; whoever paid before gets what it paid for."""
    intent = named(payment.gateway.name).cancel(payment.gateway.intent)
    if intent.state in (State.OPEN, State.DECLINED):
        # An order that its gateway cannot close: a late payment is still taken, as one that was given up.
        with contextlib.suppress(InvalidState):
            return payments.expire(payment.id)
        return Payment.get(payment.id)
    return gateway_outcomes.apply(payment, intent)


def _find_or_drop(payment: Payment, *, over: bool) -> None:
    """Whoever opened it died before it was known at the gateway, or before the answer was noted."""
    if not payment.final_amount:
        gateway_outcomes.succeed_free(payment)
    elif over:
        # Its secret was never handed out, so nobody can have paid it.
        with contextlib.suppress(InvalidState):
            payments.expire(payment.id, match={"gateway.intent": {"$exists": False}})
    else:
        try:
            intent = named(payment.gateway.name).open(Order(
                payment=payment.id, user=payment.user, amount=payment.final_amount, currency=payment.currency))
        except GatewayRefused as error:
            gateway_outcomes.refuse(payment, error.reason)
        else:
            Payment.adopt(payment.id, intent.id)


def _ask_later(payment: Payment) -> None:
    if payment.status in OPEN:
        Payment.change({"_id": payment.id, "status": {"$in": [*OPEN]}},
                       {"$set": {"next_check_at": _next_check(payment)}})


def _next_check(payment: Payment) -> datetime:
    now = clock.now()
    age = now - payment.created_at
    return min(now + min(age, LONGEST_PAUSE), max(payment.created_at + PAYABLE_FOR, now + timedelta(minutes=10)))

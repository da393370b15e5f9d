"""The one place where what a gateway says about a payment takes effect: in any order, any number of times.

Nothing here talks to a gateway. Every change is a compare-and-set along the edges of the payment's states, so each
outcome has one winner and repeats change nothing.
"""
import contextlib
from typing import Any

from documents import clock
from documents.errors import Conflict, DomainError
from documents.payments import OPEN, PAID, Kind, Method, Payment, Status
from documents.transactions import atomic
from services import events, payments, refunds_outside
from services.gateways.payments.base import Intent, State
from services.payments import InvalidState

METHODS = {Kind.CARD: Method.CARD, Kind.POS: Method.CARD, Kind.TOPUP: Method.RAZORPAY}
CANNOT_GIVE = "what was bought could not be had any more"


class PaymentMismatch(Conflict):
    """The gateway took another amount or currency than we had asked for: somebody has to look."""

    code = "payment_mismatch"
    detail = "The gateway reports another amount than this payment's."


class CannotGive(Exception):
    """The money was taken, and what it bought cannot be handed out any more."""


def apply(payment: Payment, intent: Intent) -> Payment:
    """Bring the payment to where `intent` says it is; returns it as it is afterwards.

    Raises PaymentMismatch, after a notice to staff, when the gateway took another amount.
    """
    try:
        changed = _look_and_carry_out(payment.id, intent, give=True)
    except CannotGive:
        changed = _look_and_carry_out(payment.id, intent, give=False)
    if intent.state is State.SUCCEEDED and changed.status not in PAID:
        raise PaymentMismatch
    return changed


@atomic
def _look_and_carry_out(payment_id: str, intent: Intent, *, give: bool) -> Payment:
    return carry_out(Payment.get(payment_id), intent, give=give)


def carry_out(payment: Payment, intent: Intent, *, give: bool) -> Payment:
    """`apply` in the transaction of the caller, which has read `payment` in it.

    An intent of the wrong amount changes nothing but the notice to staff. Raises CannotGive: then, without `give`,
    the money is taken and set aside to be paid back.
    """
    if intent.state is State.SUCCEEDED:
        if not _is_right(payment, intent):
            return _note_mismatch(payment.id, intent)
        paid = _succeed(payment, intent, give=give)
        return refunds_outside.catch_up(paid, intent.refunded) if intent.refunded else paid
    changed = None
    if intent.state is State.DECLINED:
        changed = _decline(payment.id, intent)
    elif intent.state is State.PROCESSING:
        changed = Payment.advance(payment.id, Status.PROCESSING, now=clock.now())
    elif intent.state is State.CANCELLED:
        with contextlib.suppress(InvalidState):
            changed = payments.cancel(payment.id)
    return changed or payment


def succeed_free(payment: Payment) -> Payment:
    """A payment whose coupon pays for all of it: no gateway takes nothing."""
    with contextlib.suppress(InvalidState):
        return payments.succeed(payment.id, method=METHODS[payment.kind], actor=payment.user)
    return Payment.get(payment.id)


def refuse(payment: Payment, code: str) -> None:
    """The gateway did not even open the payment."""
    with contextlib.suppress(InvalidState):
        payments.fail(payment.id, match={"gateway.intent": {"$exists": False}}, **{"gateway.code": code})


def needs_staff(payment: Payment, type_: str, **facts: Any) -> None:
    """Record something about a payment that a person has to look at."""
    events.record(type_, subject=payment.subject, gateway=payment.gateway.name, intent=payment.gateway.intent,
                  amount=payment.final_amount, **facts)


def _is_right(payment: Payment, intent: Intent) -> bool:
    return intent.received == payment.final_amount and intent.currency == payment.currency


def _note_mismatch(payment_id: str, intent: Intent) -> Payment:
    # Once: who asks again hears the same refusal, and staff has its notice.
    told = Payment.change(
        {"_id": payment_id, "status": {"$nin": [*PAID]}, "gateway.code": {"$ne": PaymentMismatch.code}},
        {"$set": {"gateway.code": PaymentMismatch.code}, "$unset": {"next_check_at": ""}})
    if told is not None:
        needs_staff(told, "payment.mismatch", received=intent.received, currency=intent.currency)
    return told or Payment.get(payment_id)


def _succeed(payment: Payment, intent: Intent, *, give: bool) -> Payment:
    if payment.status in PAID:
        return payment
    facts: dict[str, Any] = {"gateway.charge": intent.charge} if intent.charge else {}
    try:
        paid = payments.succeed(payment.id, method=METHODS[payment.kind], late=payment.status not in OPEN, give=give,
                                **facts)
    except DomainError as error:
        if not give:
            raise
        raise CannotGive from error
    return paid if give else refunds_outside.pay_back_all(paid, reason=CANNOT_GIVE)


def _decline(payment_id: str, intent: Intent) -> Payment | None:
    """The payer may try again with another card, so the payment stays open and keeps its coupon."""
    declined = Payment.change(
        {"_id": payment_id, "status": {"$in": [*OPEN]}, "gateway.code": {"$ne": intent.code}},
        {"$set": {"gateway.code": intent.code, "updated_at": clock.now()}})
    if declined is not None:
        payments.announce("payment.declined", declined, code=intent.code)
    return declined

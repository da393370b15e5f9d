"""Giving the money of a payment back, in parts or whole, never more than was taken."""
from documents import clock, money
from documents.errors import Conflict
from documents.ids import new_uuid
from documents.payments import Method, Payment
from documents.payments import Status as Paid
from documents.refunds import Refund, Status
from documents.transactions import atomic
from services import coupons, fulfilments, payment_books, payment_transactions, payments

AT_ONCE = (Method.WALLET, Method.CASH, Method.UPI)
"""Ways of paying that need nobody outside to pay back."""


class NotRefundable(Conflict):
    """Not paid, already given back, or less is left than was asked for."""

    code = "not_refundable"
    detail = "The payment cannot be refunded by this amount."


@atomic
def refund_now(*, payment: Payment, amount: int | None, actor: int, reason: str = "",
               match: dict | None = None) -> Refund:
    """Give `amount` minor units of a payment back (all that is left when None), by the way they came.

    At once, but for money that came through a gateway: that refund is processing until its janitor has asked there.
    Raises NotRefundable when that is more than is left, or is none.
    """
    payment = Payment.get(payment.id, **(match or {}))
    asked = payment.refundable if amount is None else amount
    if asked < 1:
        raise NotRefundable
    reserve(payment=payment, amount=asked)
    now = clock.now()
    refund = Refund(
        id=new_uuid(), payment=payment.id, merchant=payment.merchant, user=payment.user, requested_by=actor,
        decided_by=actor, amount=asked, method=payment.method, reason=reason, status=Status.PROCESSING,
        created_at=now, updated_at=now, next_check_at=None if payment.method in AT_ONCE else now).create()
    return complete(refund) if payment.method in AT_ONCE else refund


@atomic
def reserve(*, payment: Payment, amount: int) -> Payment:
    """Set `amount` of the payment aside for a refund and take back what it had bought.

    Raises NotRefundable when that much is not left, or what the kind of purchase refuses.
    """
    reserved = Payment.reserve_refund(payment.id, amount, now=clock.now())
    if reserved is None:
        raise NotRefundable
    fulfilments.take_back(reserved)
    return reserved


@atomic
def complete(refund: Refund, **facts: str | None) -> Refund:
    """A processing refund has been paid: book it and tell everybody. Raises NotRefundable when it had ended before."""
    now = clock.now()
    payment = Payment.finish_refund(refund.payment, refund.amount, now=now)
    if payment is None:
        raise NotRefundable
    subsidy = payment_books.subsidy_share(payment, payment.refunded - refund.amount, refund.amount)
    done = Refund.advance(refund.id, Status.COMPLETED, now=now, completed_at=now, subsidy=subsidy,
                          to_settle=True if payment.merchant is not None else None, **facts)
    if done is None:
        raise NotRefundable
    payment_books.book_refund(payment, done)
    if payment.coupon is not None and payment.status == Paid.REFUNDED:
        coupons.release(subject=payment.subject)
    payment_transactions.refunded(payment, money.text(done.amount))
    payments.announce("payment.refunded", payment, refund=done.id, refund_amount=done.amount)
    return done

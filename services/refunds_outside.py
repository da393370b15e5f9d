"""Refunds that nobody here asked for: of gateways' dashboards, of lost disputes, of what cannot be given any more."""
from documents import clock
from documents.errors import Conflict
from documents.ids import new_uuid
from documents.payments import Kind, Payment
from documents.refunds import Refund, Status
from documents.transactions import atomic, current_session
from documents.wallets import Wallet
from services import events, fulfilments, payment_books, refunds
from services.gateways.payments.base import Dispute
from services.refunds import NotRefundable


class NotPaidYet(Conflict):
    """The dispute of a payment whose success we have not heard of: its webhook is tried again later."""

    code = "not_paid_yet"
    detail = "The payment is not known to be paid yet."


@atomic
def catch_up(payment: Payment, returned: int) -> Payment:
    """The gateway has paid back `returned` minor units in all: book what of that is news. Returns the payment."""
    payment = Payment.get(payment.id)
    # Summed, then written: that is safe because every refund writes to the payment, so of two at once one starts again.
    news = returned - _paid_back_by_gateway(payment)
    if news > payment.refundable:
        events.record("payment.refunded_twice", subject=payment.subject, amount=news - payment.refundable)
    if min(news, payment.refundable) > 0:
        _book(payment, min(news, payment.refundable), origin="gateway")
    return Payment.get(payment.id)


@atomic
def dispute(payment: Payment, about: Dispute) -> None:
    """Tell staff of a dispute, and book a lost one as paid back, once. Raises NotPaidYet."""
    if not about.lost:
        events.record("payment.disputed", subject=payment.subject, amount=about.amount, dispute=about.id)
        return
    if not payment.captured:
        raise NotPaidYet
    payment = Payment.get(payment.id)
    amount = min(about.amount, payment.refundable)
    if amount > 0 and Refund.find_one({"gateway_refund": about.id}) is None:
        _book(payment, amount, origin="dispute", gateway_refund=about.id)


def pay_back_all(payment: Payment, *, reason: str) -> Payment:
    """Owe the payer all of a payment just taken, in the caller's transaction; the janitor pays it back."""
    if payment.captured:
        new(payment, payment.captured, status=Status.PROCESSING, reason=reason, next_check_at=clock.now()).create()
        return Payment.reserve_refund(payment.id, payment.captured, now=clock.now()) or payment
    return payment


def new(payment: Payment, amount: int, **facts: object) -> Refund:
    """A refund of `payment` that is not stored yet."""
    now = clock.now()
    return Refund(**{
        "id": new_uuid(), "payment": payment.id, "merchant": payment.merchant, "user": payment.user,
        "requested_by": payment.user or payment.created_by, "amount": amount, "method": payment.method,
        "created_at": now, "updated_at": now, **facts})


def _paid_back_by_gateway(payment: Payment) -> int:
    """What the gateway has paid back, or is about to, as far as we know."""
    ours = Refund.collection().find(
        {"payment": payment.id, "status": {"$in": [Status.PROCESSING, Status.COMPLETED]}, "into": None,
         "origin": {"$ne": "dispute"}}, {"amount": 1}, session=current_session())
    return sum(row["amount"] for row in ours)


def _book(payment: Payment, amount: int, **facts: object) -> None:
    reserved = Payment.reserve_refund(payment.id, amount, now=clock.now())
    if reserved is None:
        raise NotRefundable
    fulfilments.take_back_what_is_left(reserved)
    refunds.complete(new(payment, amount, status=Status.PROCESSING, reason="system_error",
                         out_of=_bearer(payment, amount), **facts).create())


def _bearer(payment: Payment, amount: int) -> str | None:
    """The house, when a top-up that is taken back has been spent; else whoever had received the money."""
    if payment.kind == Kind.TOPUP and Wallet.get(payment.purpose["wallet"]).balance < amount:
        return payment_books.LOSSES
    return None

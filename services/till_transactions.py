"""Transactions as tills use them: an attempt opened for a payment, and its outcome told by hand."""
from datetime import datetime
from typing import NamedTuple

from aggregations.spans import between
from documents import clock
from documents.base import Duplicate
from documents.listing import Listing
from documents.payment_transactions import PaymentTransaction, Status
from documents.payments import UNPAID, Payment
from documents.transactions import atomic
from documents.users import User
from services import cashiers, payment_transactions, payments, pos, pos_refunds
from services.payments import InvalidState


class Opened(NamedTuple):
    transaction: PaymentTransaction
    is_new: bool


def open_for(*, user: User, payment_id: str) -> Opened:
    """Open an attempt on an unpaid payment of the user's till, or say which attempt there is.

    Raises NotFound, InvalidState for a payment that ended without any attempt, MerchantInactive.
    """
    payment = pos.at_till(user, payment_id)
    cashiers.open_till(payment.merchant)
    known = _newest(payment)
    if known is not None and known.status != Status.FAILED:
        return Opened(known, is_new=False)
    try:
        return Opened(_open(payment, user), is_new=True)
    except Duplicate:
        return open_for(user=user, payment_id=payment_id)


@atomic
def _open(payment: Payment, user: User) -> PaymentTransaction:
    # A write on the payment: an attempt opened while the payment ends must start over and find it ended.
    waiting = Payment.change({"_id": payment.id, "status": {"$in": [*UNPAID]}, "expires_at": {"$gt": clock.now()}},
                             {"$set": {"updated_at": clock.now()}})
    if waiting is None:
        raise InvalidState
    opened = payment_transactions.open_attempt(waiting, user=user.id)
    payments.announce("payment.attempt_opened", waiting)
    return opened


def update(*, user: User, transaction_id: str, status: Status) -> PaymentTransaction:
    """Tell what became of an attempt: SUCCESS confirms its payment, FAILED ends the attempt and lets the payment be
    tried again, REFUNDED gives back all that is left. Raises NotFound, InvalidState, NotRefundable, Forbidden.
    """
    transaction = PaymentTransaction.get(transaction_id, merchant={"$in": cashiers.tills_of(user)})
    if status is Status.REFUNDED:
        pos_refunds.refund(user=user, payment_id=transaction.payment)
    elif status is Status.SUCCESS:
        if not transaction.is_open:
            raise InvalidState
        pos.confirm(user=user, payment_id=transaction.payment, paid=True)
    else:
        _fail(transaction)
    return PaymentTransaction.get(transaction_id)


def listing(*, viewer: User, status: str | None = None, payment: str | None = None, start: datetime | None = None,
            end: datetime | None = None) -> Listing:
    """The attempts at the viewer's tills, newest first; of every merchant for staff."""
    asked = [cashiers.seen_by(viewer)]
    asked += [{name: value} for name, value in (("status", status), ("payment", payment)) if value is not None]
    asked.append(between("created_at", start, end))
    return Listing(PaymentTransaction, {"$and": asked}, searchable=("_id", "payment", "reference"),
                   orderings={name: name for name in ("created_at", "final_amount", "status")})


@atomic
def _fail(transaction: PaymentTransaction) -> None:
    failed = PaymentTransaction.close({"_id": transaction.id}, Status.FAILED, "Transaction updated to FAILED",
                                      now=clock.now())
    if failed is None:
        raise InvalidState
    payments.announce("payment.attempt_failed", Payment.get(failed.payment))


def _newest(payment: Payment) -> PaymentTransaction | None:
    return PaymentTransaction.find_one({"payment": payment.id}, sort=[("created_at", -1)])

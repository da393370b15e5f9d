"""Paying instalments: on time, late, all at once; and letting somebody off a late fee."""
from collections.abc import Iterable
from datetime import datetime

from aggregations import installments as pipelines
from config import settings
from documents import clock, money
from documents.errors import Conflict, Invalid, NotFound
from documents.listing import DerivedListing, Listing, Order
from documents.purchases import LATE_FEE_BASIS_POINTS, Installment, Method, Purchase, Status, Waiver
from documents.transactions import atomic, current_session
from documents.users import User
from services import events, schedules
from services.installment_books import FEE_RETURNED, PAYMENT, book, method_for, reference_of, rest_reference
from services.notices import price
from services.purchases import record_payment, visible_to

ORDERINGS = {"due_date": "installments.due_date", "id": "installments.id", "due_amount": "installments.due_amount"}


class NothingToPay(Conflict):
    code = "nothing_to_pay"
    detail = "This is already paid."


class PaidMeanwhile(Conflict):
    code = "paid_meanwhile"
    detail = "Another payment was faster; look at what is due now."


class NoLateFee(Conflict):
    code = "no_late_fee"
    detail = "There is no late fee to waive."


class PaymentTooLarge(Invalid):
    code = "payment_too_large"
    detail = "This is more than is due."


class LatePaymentIncomplete(Invalid):
    code = "late_payment_incomplete"
    detail = "A late payment must bring the whole due and its late fee."


@atomic
def pay(*, actor: User, installment_id: int, amount: int, method: str | None = None) -> dict:
    """Pay `amount` minor units of one instalment: up to the due in time, exactly the due and the fee when late.

    The customer pays, from its wallet unless `method` says otherwise. Raises NotFound, NothingToPay,
    PaymentTooLarge, LatePaymentIncomplete, InsufficientFunds, MethodRefused.
    """
    paid_by = method_for(actor, method)
    purchase = _with_installment(installment_id, visible_to(actor))
    installment, now = purchase.installment(installment_id), clock.now()
    if installment.status == Status.PAID:
        raise NothingToPay
    fee = fee_due(installment, now)
    _check(amount, due=installment.due_amount, fee=fee, late=is_late(installment.due_date, now))
    reference = reference_of(purchase.id, installment.number, len(installment.payments) + 1)
    installment.take(amount=amount - fee, fee=fee, method=paid_by, at=now, actor=actor.id, reference=reference)
    _settle(purchase, PAYMENT, reference, paid_by, amount=amount - fee, fee=fee, actor=actor.id)
    record_payment(purchase, amount=amount - fee, fee=fee, number=installment.number, method=paid_by)
    return _row(purchase, installment)


@atomic
def pay_rest(*, actor: User, purchase_id: int, method: str | None = None) -> Purchase:
    """Pay all that is left of a purchase at once, late fees included. Raises as `pay` does."""
    paid_by = method_for(actor, method)
    purchase = Purchase.get(purchase_id, **visible_to(actor))
    left, now, reference = purchase.open_installments, clock.now(), rest_reference(purchase_id)
    if not left:
        raise NothingToPay
    amounts = [(installment, installment.due_amount, fee_due(installment, now)) for installment in left]
    for installment, amount, fee in amounts:
        installment.take(amount=amount, fee=fee, method=paid_by, at=now, actor=actor.id, reference=reference)
    amount, fee = sum(row[1] for row in amounts), sum(row[2] for row in amounts)
    _settle(purchase, PAYMENT, reference, paid_by, amount=amount, fee=fee, actor=actor.id)
    record_payment(purchase, amount=amount, fee=fee, number=None, method=paid_by)
    purchase.status = Status.PAID
    return purchase


@atomic
def waive_fee(*, actor: User, installment_id: int, reason: str) -> dict:
    """Let the buyer off the late fee of an instalment: one already charged is given back the way it was paid.

    Raises NotFound; and NoLateFee when it is not late, has paid none, or was let off before.
    """
    purchase = _with_installment(installment_id, {})
    installment, now = purchase.installment(installment_id), clock.now()
    if installment.waiver is not None or not (installment.late_fee or fee_due(installment, now)):
        raise NoLateFee
    installment.waiver = Waiver(reason=reason, actor=actor.id, at=now)
    if installment.late_fee:
        _give_back(purchase, installment, actor=actor.id, now=now)
    elif purchase.store(now) is None:
        raise PaidMeanwhile
    events.record("installment.fee_waived", subject=f"purchase:{purchase.id}", user=purchase.customer,
                  number=installment.number, actor=actor.id, reason=reason)
    return _row(purchase, installment)


def is_late(due_date: datetime, now: datetime) -> bool:
    """Whether the due moment and the days of grace behind it have passed."""
    known = settings.current()
    return now > schedules.days_after(due_date, known.installment_grace_days, known.timezone)


def fee_due(installment: Installment, now: datetime) -> int:
    """The late fee that a payment at `now` must bring, in minor units."""
    return _fee(installment.status, installment.due_amount, installment.due_date, installment.waiver, now)


def next_due(*, customer: int) -> dict:
    """The customer's unpaid instalment that is due first, overdue ones included. Raises NotFound when there is none."""
    found = Purchase.collection().aggregate(pipelines.first_open(customer), session=current_session())
    for row in with_fees(found):
        return row
    raise NotFound("No due installments found.")


class InstallmentListing(DerivedListing):
    """Rows are instalments, not purchases: the match holds before and after they are taken apart."""

    def count(self, match: dict) -> int:
        counted = Purchase.collection().aggregate([*pipelines.apart(match), {"$count": "rows"}])
        return next((row["rows"] for row in counted), 0)

    def rows(self, match: dict, order: Order, *, skip: int = 0, limit: int) -> list[dict]:
        return list(with_fees(Purchase.collection().aggregate([
            *pipelines.apart(match), {"$sort": dict(order)}, {"$skip": skip}, {"$limit": limit}, *pipelines.ROW])))


def listing(*, customer: int, status: str | None = None, purchase: int | None = None) -> Listing:
    """The instalments of all purchases of a customer, the one due first on top."""
    wanted = {"customer": customer, "_id": purchase, "installments.status": status}
    return InstallmentListing(
        Purchase, {name: value for name, value in wanted.items() if value is not None},
        order=[("installments.due_date", 1), ("installments.id", 1)], orderings=ORDERINGS, searchable=("product_name",))


def with_fees(rows: Iterable[dict]) -> Iterable[dict]:
    """Rows of instalments, each with the fee that is due now and what a full payment has to be."""
    now = clock.now()
    for row in rows:
        # Rows, not MongoEngine documents: a thousand of those take longer than the query.
        fee = _fee(row["status"], row["due_amount"], row["due_date"], row.get("waiver"), now)
        yield row | {"late_fee_due": fee, "amount_to_pay": row["due_amount"] + fee}


def _fee(status: str, due_amount: int, due_date: datetime, waiver: object, now: datetime) -> int:
    if status == Status.PAID or waiver is not None or not is_late(due_date, now):
        return 0
    return money.share(due_amount, LATE_FEE_BASIS_POINTS)


def _row(purchase: Purchase, installment: Installment) -> dict:
    known = {name: getattr(purchase, name) for name in ("customer", "product_name", "quantity", "total_price")}
    return next(iter(with_fees([{"purchase": purchase.id, **known, **installment.to_mongo().to_dict()}])))


def _with_installment(installment_id: int, visible: dict) -> Purchase:
    purchase = Purchase.with_installment(installment_id, **visible)
    if purchase is None:
        raise NotFound("Installment not found.")
    return purchase


def _check(amount: int, *, due: int, fee: int, late: bool) -> None:
    if amount > due + fee:
        raise PaymentTooLarge.field(
            "non_field_errors", f"You cannot pay more than the required amount: {price(due + fee)}")
    if late and amount < due + fee:
        raise LatePaymentIncomplete.field(
            "non_field_errors", f"Late payment! You must pay the full amount including penalty: {price(due + fee)}")


def _settle(purchase: Purchase, kind: str, reference: str, method: Method, *, amount: int, fee: int,
            actor: int) -> None:
    # The purchase goes first: of many payments at once all but one lose here, before any wallet is touched.
    if purchase.store(clock.now()) is None:
        raise PaidMeanwhile
    book(kind=kind, reference=reference, customer=purchase.customer, method=method, amount=amount, fee=fee, actor=actor)


def _give_back(purchase: Purchase, installment: Installment, *, actor: int, now: datetime) -> None:
    charged = next(payment for payment in installment.payments if payment.fee)
    reference = reference_of(purchase.id, installment.number, len(installment.payments) + 1)
    installment.take(amount=0, fee=-charged.fee, method=charged.method, at=now, actor=actor, reference=reference)
    _settle(purchase, FEE_RETURNED, reference, charged.method, amount=0, fee=-charged.fee, actor=actor)

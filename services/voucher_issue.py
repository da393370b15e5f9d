"""Handing vouchers out for a payment, and taking the unused ones back with its money.

Called by services/payments.py and services/refunds.py, so it imports neither.
"""
from collections.abc import Callable
from datetime import datetime, timedelta

from pymongo.errors import BulkWriteError

from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict
from documents.ids import new_uuid
from documents.payments import Payment
from documents.transactions import current_session
from documents.voucher_types import VoucherType
from documents.vouchers import TypeCopy, Voucher
from services import events, voucher_codes

PURPOSE = "voucher"


class VouchersUsed(Conflict):
    """What was redeemed or given away is not refunded."""

    code = "vouchers_used"
    detail = "The vouchers that are left unused do not come to this amount."


def issue(payment: Payment) -> None:
    """Hand out what a paid payment bought. Raises Duplicate the second time, and so undoes whatever asked for it.

    Also for a type that has been withdrawn since: the money was taken for it.
    """
    hand_out(payment, VoucherType.get(payment.purpose["voucher_type"]))


def hand_out(payment: Payment, type_: VoucherType) -> list[dict]:
    """`issue` for a type that is at hand; returns the vouchers as they are stored."""
    rows = [_row(payment, type_, number) for number in range(1, payment.purpose["quantity"] + 1)]
    try:
        # All in one: ten cost as many round trips as one.
        Voucher.collection().insert_many(rows, session=current_session())
    except BulkWriteError as error:
        if error.has_error_label("TransientTransactionError"):
            raise       # somebody else is at the same payment: starting again shows who was first
        raise Duplicate("vouchers") from error
    events.record("voucher.issued", subject=payment.subject, user=payment.user, voucher_type=type_.id,
                  type_code=type_.type_code, quantity=len(rows), vouchers=[row["_id"] for row in rows])
    return rows


def returnable(payment: Payment) -> int:
    """What may still be asked back, minor units: of vouchers that are unused and the payer's, or cancelled before."""
    covered = sum(row["paid"] for row in _of(payment)
                  if row.get("cancelled_at") is not None or _untouched(row, payment))
    return max(0, min(payment.refundable, covered - _given_back(payment)))


def cancel_unused(payment: Payment) -> None:
    """Cancel as many unused vouchers as the refunds of `payment` come to, in the transaction that reserves one.

    Works from what is refunded in all, so it may run again. Only vouchers that the payer still has are taken back.
    Raises VouchersUsed when they do not come to it.
    """
    if _cancel(payment, lambda row: _untouched(row, payment)) > 0:
        raise VouchersUsed


def follow_refund(payment: Payment) -> None:
    """`cancel_unused` for money that has gone back already, by the gateway's decision: whatever is unused goes."""
    _cancel(payment, lambda row: row["usage_count"] == 0)


def reinstate(payment: Payment) -> None:
    """Give back what was cancelled for refunds that came to nothing, in the transaction that drops one."""
    cancelled = [row for row in _of(payment) if row.get("cancelled_at") is not None]
    spare = sum(row["paid"] for row in cancelled) - _given_back(payment)
    back = []
    for row in cancelled:
        if row["paid"] <= spare:
            back.append(row["_id"])
            spare -= row["paid"]
    if back:
        now = clock.now()
        Voucher.reinstate(back, line("reinstated", now=now))
        events.record("voucher.reinstated", subject=payment.subject, user=payment.user, vouchers=back)


def line(what: str, *, now: datetime, by: int | None = None, note: str = "") -> dict:
    """One line of a voucher's history, as it is stored."""
    return {"what": what, "at": now, "by": by, "note": note}


def _cancel(payment: Payment, may_go: Callable[[dict], bool]) -> int:
    """Cancel what `may_go`, the newest first, until it covers what is given back; what is not covered, minor units."""
    rows = _of(payment)
    missing = _given_back(payment) - sum(row["paid"] for row in rows if row.get("cancelled_at") is not None)
    everything = _given_back(payment) == payment.captured      # also vouchers whose share was rounded to nothing
    going = []
    for row in reversed(rows):
        if (missing > 0 or everything) and row.get("cancelled_at") is None and may_go(row):
            going.append(row["_id"])
            missing -= row["paid"]
    if going:
        now = clock.now()
        if Voucher.cancel(going, line("cancelled", now=now), now=now) != len(going):
            raise VouchersUsed
        events.record("voucher.cancelled", subject=payment.subject, user=payment.user, vouchers=going)
    return missing


def _untouched(row: dict, payment: Payment) -> bool:
    return row["usage_count"] == 0 and row.get("owner") == payment.user


def _given_back(payment: Payment) -> int:
    return payment.refunded + payment.refunding


def _of(payment: Payment) -> list[dict]:
    return Voucher.collection().find({"payment": payment.id}, sort=[("number", 1)],
                                     session=current_session()).to_list()


def _row(payment: Payment, type_: VoucherType, number: int) -> dict:
    quantity, paid, now = payment.purpose["quantity"], payment.final_amount, payment.completed_at
    copy = {name: type_[name] for name in TypeCopy._fields} | {"price": payment.amount // quantity}
    return {
        "_id": new_uuid(), "code": voucher_codes.new(), "type": copy, "buyer": payment.user, "owner": payment.user,
        "payment": payment.id, "number": number,
        # The difference of two running shares: the parts add up to the minor unit.
        "paid": paid * number // quantity - paid * (number - 1) // quantity,
        "usage_count": 0, "uses_left": type_.usage_limit, "issued_at": now,
        "expires_at": now + timedelta(days=type_.validity_days), "log": [line("issued", now=now, by=payment.user)]}

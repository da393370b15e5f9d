"""Settling merchants: closing what is due, each payment once, and marking it as paid out."""
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregations import settlements as pipelines
from aggregations.spans import between
from config import settings
from documents import clock, money
from documents.errors import Conflict, NotFound
from documents.ids import new_uuid
from documents.listing import Listing
from documents.merchants import Merchant
from documents.payments import Payment
from documents.permissions import Permission
from documents.refunds import Refund
from documents.settlements import Kind, Settlement, SettlementBook, Status
from documents.transactions import atomic, current_session
from documents.users import User
from services import events, merchants, settlement_books

MOST_HELD = 5_000
"""Payments in one settlement; a hundred thousand in one transaction ran into every time-out there is."""


class ExceedsReceivable(Conflict):
    code = "exceeds_receivable"
    detail = "The merchant is not owed that much."


class AlreadyPaid(Conflict):
    code = "already_paid"
    detail = "The settlement has nothing left to pay."


class Due(NamedTuple):
    """What payments and refunds are worth to their merchant; minor units."""

    gross: int
    subsidy: int
    refunds: int
    cash: int
    payment_count: int
    refund_count: int

    @property
    def fee(self) -> int:
        """What the house keeps; the fee of a payment that is refunded later is not given back."""
        return money.share(self.gross + self.subsidy, settings.current().settlement_fee_basis_points)

    @property
    def net(self) -> int:
        return self.gross + self.subsidy - self.refunds - self.cash - self.fee


@atomic
def close(*, merchant_id: int, before: datetime, amount: int | None = None,
          requested_by: int | None = None) -> Settlement | None:
    """Settle what was completed before `before`, the oldest few thousand; None when nothing waits or is left over.

    Without `amount` all that is due for them is paid out. With it that much is, and the rest is carried forward:
    raises ExceedsReceivable when less is due in all.
    """
    now = clock.now()
    # The book first: of two settlements at once the second starts over, and finds what the first left.
    book = SettlementBook.take(merchant_id, now)
    if book is None:
        raise NotFound
    if amount is not None and amount > book.carried + due_of(merchant_id, before).net:
        raise ExceedsReceivable
    taken, given_back = (_oldest(document, merchant_id, before) for document in (Payment, Refund))
    due = sums_of(taken, given_back)
    net = book.carried + due.net
    if amount is None and not (due.payment_count or due.refund_count) and net <= 0:
        return None
    payout = max(net, 0) if amount is None else amount
    settlement = Settlement(
        id=new_uuid(), merchant=merchant_id, kind=Kind.CYCLE if amount is None else Kind.MANUAL, amount=payout,
        brought_forward=book.carried, gross=due.gross, subsidy=due.subsidy, refunds=due.refunds, fee=due.fee,
        collected_in_cash=due.cash, carried_forward=net - payout, payment_count=due.payment_count,
        refund_count=due.refund_count, fee_basis_points=settings.current().settlement_fee_basis_points,
        status=Status.PENDING if payout else Status.CARRIED, settlement_date=before, requested_by=requested_by,
        created_at=now).create()
    _mark(Payment, taken, settlement)
    _mark(Refund, given_back, settlement)
    SettlementBook.carry(merchant_id, settlement.carried_forward)
    settlement_books.book_close(settlement)
    _announce("settlement.created", settlement)
    return settlement


def settle_by_hand(*, actor: User, amount: int, merchant_id: int | None = None) -> Settlement:
    """Settle `amount` minor units of what is due now to the actor's merchant; staff name the merchant.

    Raises ExceedsReceivable, NotFound, MerchantRequired.
    """
    merchant = merchants.run_by(actor) if merchant_id is None else merchants.get(merchant_id, viewer=actor)
    # A payment completed in this very millisecond is due as well.
    before = clock.now() + timedelta(milliseconds=1)
    closed = close(merchant_id=merchant.id, before=before, amount=amount, requested_by=actor.id)
    if closed is None:
        raise ExceedsReceivable
    return closed


@atomic
def mark_paid(settlement_id: str, *, by: User) -> Settlement:
    """The money has left the bank, once. Raises NotFound, AlreadyPaid."""
    paid = Settlement.pay(settlement_id, by=by.id, now=clock.now())
    if paid is None:
        Settlement.get(settlement_id)
        raise AlreadyPaid
    settlement_books.book_payout(paid)
    _announce("settlement.paid", paid)
    return paid


def due_of(merchant_id: int, before: datetime | None = None) -> Due:
    """What waits for a settlement, completed before `before`."""
    match = pipelines.unsettled(merchant_id, before)
    return sums_of(match, match)


def sums_of(payments: dict, refunds: dict) -> Due:
    """What the payments and refunds that meet these filters are worth to their merchant."""
    # Two aggregates: MongoDB takes no $unionWith inside a transaction.
    taken = _one(Payment, pipelines.payment_sums(payments))
    given_back = _one(Refund, pipelines.refund_sums(refunds))
    return Due(gross=taken.get("gross", 0), subsidy=taken.get("subsidy", 0), refunds=given_back.get("refunds", 0),
               cash=taken.get("cash", 0) - given_back.get("cash_back", 0),
               payment_count=taken.get("payment_count", 0), refund_count=given_back.get("refund_count", 0))


def outstanding(merchant_id: int) -> int:
    """Minor units that are due to the merchant and in no settlement yet; negative when it owes."""
    book = SettlementBook.find_one({"_id": merchant_id})
    return (book.carried if book is not None else 0) + due_of(merchant_id).net


def visible_to(viewer: User) -> dict:
    """The filter for the settlements `viewer` may see: every one for staff, else those of the own merchant."""
    if viewer.can(Permission.MANAGE_SETTLEMENTS):
        return {}
    own = merchants.find_own(viewer)
    return {"merchant": own.id if own is not None else 0}


def listing(*, viewer: User, status: str | None = None, merchant: int | None = None,
            start: datetime | None = None, end: datetime | None = None) -> Listing:
    """The settlements `viewer` may see, newest first."""
    asked: dict = {name: value for name, value in (("status", status), ("merchant", merchant)) if value is not None}
    asked |= between("settlement_date", start, end)
    match = {"$and": [visible_to(viewer), asked]} if "merchant" in asked else visible_to(viewer) | asked
    return Listing(Settlement, match, order=(("settlement_date", -1), ("_id", -1)),
                   orderings={name: name for name in ("settlement_date", "created_at", "amount", "status")})


def get(settlement_id: str, *, viewer: User) -> Settlement:
    """A settlement that `viewer` may see. Raises NotFound."""
    found = Settlement.find_one({"$and": [{"_id": settlement_id}, visible_to(viewer)]})
    if found is None:
        raise NotFound
    return found


def statement(settlement: Settlement) -> Iterator[dict]:
    """Each payment and refund in a settlement, in the order they were completed; as they come from the server."""
    return Payment.collection().aggregate(pipelines.statement(settlement.id), session=current_session())


def _one(document: type[Payment] | type[Refund], pipeline: list[dict]) -> dict:
    return next(iter(document.collection().aggregate(pipeline, session=current_session())), {})


def _oldest(document: type[Payment] | type[Refund], merchant_id: int, before: datetime) -> dict:
    """The filter for what waits longest, by id: as much as one transaction marks in about a second."""
    rows = document.collection().find(pipelines.unsettled(merchant_id, before), {"_id": 1}, limit=MOST_HELD,
                                      sort=[("completed_at", 1), ("_id", 1)], session=current_session())
    return {"_id": {"$in": [row["_id"] for row in rows]}}


def _mark(document: type[Payment] | type[Refund], held: dict, settlement: Settlement) -> None:
    document.collection().update_many(
        held, {"$set": {"settlement": settlement.id}, "$unset": {"to_settle": ""}}, session=current_session())


def _announce(type_: str, settlement: Settlement) -> None:
    merchant = Merchant.get(settlement.merchant)
    events.record(type_, subject=f"settlement:{settlement.id}", user=merchant.user, merchant=merchant.id,
                  amount=settlement.amount, status=settlement.status)

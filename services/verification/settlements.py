"""Checks that settlements, what they hold and the merchants' accounts tell the same story."""
from collections.abc import Iterator

from aggregations import merchants as report_pipelines
from config import settings
from documents.ledger import LedgerEntry
from documents.merchant_days import MerchantDay
from documents.payments import PAID, Payment
from documents.refunds import Refund
from documents.refunds import Status as RefundStatus
from documents.settlements import Settlement, SettlementBook, Status
from documents.transactions import current_session
from services import ledger, merchant_reports, settlement_books, settlements
from services.ledger import Leg
from services.payment_books import receivable, till
from services.verification.batches import batches

_FIGURES = {"gross": "gross", "subsidy": "subsidy", "refunds": "refunds", "cash": "collected_in_cash",
            "payment_count": "payment_count", "refund_count": "refund_count"}
"""What is added up -> what the settlement calls it."""


def disagreeing_settlements() -> Iterator[str]:
    """Settlements whose figures are not those of what they hold, or whose entries are others than they ask for."""
    for settlement in Settlement.find({}, sort=[("merchant", 1), ("created_at", 1)]):
        held_by = {"settlement": settlement.id}
        held = settlements.sums_of(held_by, held_by)._asdict()
        yield from (f"settlement {settlement.id} says {name} {settlement[name]}, what it holds says {held[figure]}"
                    for figure, name in _FIGURES.items() if settlement[name] != held[figure])
        asked = {settlement_books.close_reference(settlement.id): settlement_books.close_legs(settlement)}
        if settlement.status == Status.PAID:
            asked[settlement_books.payout_reference(settlement.id)] = settlement_books.payout_legs(settlement)
        yield from _missing(settlement.id, asked)


def stray_settlement_entries() -> Iterator[str]:
    """Entries of settlements that do not exist, and transfers of some that were not marked as paid."""
    found = LedgerEntry.collection().find({"reference": {"$gte": "settlement:", "$lt": "settlement;"}},
                                          {"reference": 1}, session=current_session())
    for batch in batches(found):
        ids = [entry["reference"].split(":")[1] for entry in batch]
        known = {row["_id"]: row["status"] for row in Settlement.collection().find(
            {"_id": {"$in": ids}}, {"status": 1}, session=current_session())}
        for entry, settlement in zip(batch, ids, strict=True):
            paid_out = entry["reference"].endswith(":payout")
            if settlement not in known or (paid_out and known[settlement] != Status.PAID):
                yield f"no settlement asks for entry {entry['reference']}"


def unsettled_or_twice() -> Iterator[str]:
    """Payments and refunds of merchants that are neither in a settlement nor waiting for one, or both."""
    for document, ends in ((Payment, [*PAID]), (Refund, [RefundStatus.COMPLETED])):
        wrong = {"merchant": {"$gt": 0}, "status": {"$in": ends}, "$expr": {"$eq": [
            {"$eq": [{"$type": "$settlement"}, "string"]}, {"$eq": [{"$ifNull": ["$to_settle", False]}, True]}]}}
        for row in document.collection().find(wrong, {"settlement": 1}, session=current_session()):
            where = f"in {row['settlement']} and waiting" if row.get("settlement") else "in no settlement, nor waiting"
            yield f"{document.__name__.lower()} {row['_id']} is {where}"


def wrong_receivables() -> Iterator[str]:
    """Merchants whose accounts differ from what their last settlement left and what waits for the next."""
    for book in SettlementBook.find({}, sort=[("_id", 1)]):
        due = settlements.due_of(book.id)
        wanted = {receivable(book.id): book.carried + due.gross + due.subsidy - due.refunds,
                  till(book.id): -due.cash,
                  settlement_books.payable(book.id): _pending(book.id)}
        for account, amount in wanted.items():
            booked = ledger.balance(account)
            if booked != amount:
                yield f"{account} has {booked}, its payments, refunds and settlements say {amount}"


def wrong_rollups() -> Iterator[str]:
    """Days of merchants whose rollup differs from the day's payments and refunds."""
    until = merchant_reports.rolled_until()
    raw = {(row["merchant"], row["day"]): row for row in Payment.collection().aggregate(
        report_pipelines.days_of(merchant_reports.BEGINNING, until, settings.current().timezone.key),
        session=current_session())}
    for row in MerchantDay.collection().find({}, session=current_session()):
        found = raw.pop((row["merchant"], row["day"]), None)
        for name in ("captured", "refunded", "payments"):
            if found is None or found[name] != row[name]:
                yield (f"the rollup of merchant {row['merchant']} on {row['day']} says {name} {row[name]}, "
                       f"its payments say {found[name] if found else 0}")
    yield from (f"merchant {merchant} has no rollup of {day}" for merchant, day in raw)


def _pending(merchant_id: int) -> int:
    rows = Settlement.collection().aggregate(report_pipelines.paid_out(merchant_id), session=current_session())
    return sum(row["amount"] for row in rows if row["_id"] == Status.PENDING)


def _missing(settlement_id: str, asked: dict[str, list[Leg]]) -> Iterator[str]:
    for name, legs in asked.items():
        entry = LedgerEntry.find_one({"reference": name})
        booked = {leg.account: leg.amount for leg in entry.legs} if entry is not None else {}
        wanted = {leg.account: leg.amount for leg in legs}
        if booked != wanted:
            yield f"settlement {settlement_id} asks for entry {name} with {wanted}, the ledger has {booked}"

"""Which merchants are due for a settlement, by the cycle each has chosen."""
from collections.abc import Iterator
from datetime import datetime, timedelta

from config import settings
from documents import clock
from documents.merchants import Cycle, Merchant
from documents.payments import Payment
from documents.refunds import Refund
from documents.settlements import SettlementBook
from services import settlements


def close_due() -> int:
    """Close every cycle that is over and return how many settlements that made. Any number may run at once."""
    return sum(_close(merchant_id) for merchant_id in _waiting())


def cutoff(cycle: Cycle, now: datetime) -> datetime:
    """The first moment that is not settled yet: now, or the start of today or yesterday in BUSINESS_TIMEZONE."""
    if cycle is Cycle.INSTANT:
        return now
    zone = settings.current().timezone
    return clock.day_start(clock.day_of(now, zone) - timedelta(days=cycle.days - 1), zone)


def _close(merchant_id: int) -> int:
    merchant = Merchant.get(merchant_id)
    if not merchant.settings.auto_settlement:
        return 0
    before = cutoff(Cycle(merchant.settings.settlement_cycle), clock.now())
    made = 0
    # A look before each transaction: every minute most merchants have nothing that is old enough.
    while _has_due(merchant_id, before) and settlements.close(merchant_id=merchant_id, before=before) is not None:
        made += 1
    return made


def _has_due(merchant_id: int, before: datetime) -> bool:
    old = {"to_settle": True, "merchant": merchant_id, "completed_at": {"$lt": before}}
    left_over = {"_id": merchant_id, "carried": {"$gt": 0}, "closed_at": {"$lt": before}}
    return (Payment.find_one(old) or Refund.find_one(old) or SettlementBook.find_one(left_over)) is not None


def _waiting() -> Iterator[int]:
    """Each merchant with something in no settlement yet, found by skipping along the indexes of what waits."""
    seen: set[int] = set()
    for document in (Payment, Refund):
        after = 0
        while (row := document.collection().find_one(
                {"to_settle": True, "merchant": {"$gt": after}}, {"merchant": 1}, sort=[("merchant", 1)])) is not None:
            after = row["merchant"]
            seen.add(after)
    seen.update(row["_id"] for row in SettlementBook.collection().find({"carried": {"$gt": 0}}, {"_id": 1}))
    yield from sorted(seen)

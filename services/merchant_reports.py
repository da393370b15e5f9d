"""Figures of merchants: KPIs, series by day, the board of the best; and the rollups that they are made from."""
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pymongo import ReplaceOne

from aggregations import merchants as pipelines
from config import settings
from documents import clock
from documents.merchant_days import MerchantDay, RolledUp
from documents.payments import Payment
from documents.refunds import Refund
from documents.settlements import Settlement, Status
from documents.transactions import current_session
from documents.users import User
from services import merchants, settlements

RANGES = {"7d": 7, "30d": 30, "90d": 90}
ROLLUP = "merchant_days"
MARGIN = timedelta(hours=1)
"""How long after its end a day is rolled up: no payment takes longer from its time-stamp to its commit."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Kpis(NamedTuple):
    """All time; minor units."""

    total_revenue: int
    """What payers paid, less what they were given back."""
    paid_settlements: int
    pending_settlements: int
    """What the merchant has still to get: in settlements that are not paid, and in none yet."""


def series(*, viewer: User, days: int, merchant_id: int | None = None) -> list[dict]:
    """One row for each of the last `days` days, today included, on which the merchant took or gave back something.

    Raises NotFound, MerchantRequired.
    """
    return _rows(pipelines.series(_taken(_first_day(days), _merchant(viewer, merchant_id))))


def kpis(*, viewer: User, merchant_id: int | None = None) -> Kpis:
    """The figures of one merchant. Raises NotFound, MerchantRequired."""
    shop = _merchant(viewer, merchant_id)
    taken = next(iter(_rows(pipelines.total(_taken(None, shop)))), {"captured": 0, "refunded": 0})
    sums = {row["_id"]: row["amount"] for row in Settlement.collection().aggregate(
        pipelines.paid_out(shop), session=current_session())}
    return Kpis(taken["captured"] - taken["refunded"], sums.get(Status.PAID, 0),
                sums.get(Status.PENDING, 0) + settlements.outstanding(shop))


def top(*, days: int, size: int) -> list[dict]:
    """The `size` merchants with the highest revenue of the last `days` days, today included."""
    return _rows(pipelines.top(_taken(_first_day(days), None), size))


def roll_up() -> int:
    """Roll up every day that is over and return how many; running it twice, or twice at once, changes nothing."""
    zone = settings.current().timezone
    done = 0
    while (day := _next_day()) is not None:
        start, end = clock.day_start(day, zone), clock.day_start(day + timedelta(days=1), zone)
        if end + MARGIN > clock.now():
            break
        rows = Payment.collection().aggregate(pipelines.days_of(start, end, zone.key)).to_list()
        if rows:
            MerchantDay.collection().bulk_write(
                [ReplaceOne({"_id": f"{row['merchant']}:{row['day']}"}, row, upsert=True) for row in rows])
        # Last: until then the figures of the day are read from its payments.
        RolledUp.collection().update_one({"_id": ROLLUP}, {"$max": {"until": end}}, upsert=True)
        done += 1
    return done


def rolled_until() -> datetime:
    """Everything completed before this moment stands in the rollups."""
    found = RolledUp.find_one({"_id": ROLLUP})
    return found.until if found is not None else BEGINNING


def _next_day() -> date | None:
    """The day to roll up next; None when nothing was ever paid."""
    zone = settings.current().timezone
    found = RolledUp.find_one({"_id": ROLLUP})
    if found is not None:
        return clock.day_of(found.until, zone)
    firsts = [row["completed_at"] for document in (Payment, Refund) if (row := document.collection().find_one(
        {"completed_at": {"$gt": BEGINNING}}, {"completed_at": 1}, sort=[("completed_at", 1)])) is not None]
    return clock.day_of(min(firsts), zone) if firsts else None


def _taken(first: date | None, shop: int | None) -> list[dict]:
    zone = settings.current().timezone
    since = BEGINNING if first is None else clock.day_start(first, zone)
    return pipelines.taken("" if first is None else first.isoformat(), rolled_until(), zone.key, since, shop)


def _first_day(days: int) -> date:
    return clock.day_of(clock.now(), settings.current().timezone) - timedelta(days=days - 1)


def _merchant(viewer: User, merchant_id: int | None) -> int:
    return (merchants.run_by(viewer) if merchant_id is None else merchants.get(merchant_id, viewer=viewer)).id


def _rows(pipeline: list[dict]) -> list[dict]:
    return MerchantDay.collection().aggregate(pipeline, session=current_session()).to_list()

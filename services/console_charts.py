"""What the console draws: each chart is a table, worked out by what the reports of the API are worked out by."""
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

from aggregations import console as pipelines
from aggregations import revenue as voucher_sales
from aggregations.purchase_reports import Span as Moments
from config import settings
from documents import clock
from documents.errors import Invalid
from documents.payments import Payment
from documents.providers import Provider
from documents.purchases import Purchase
from documents.recharges import Recharge, Status
from documents.referral_rollups import ReferralRollup, Span
from documents.voucher_types import VoucherType
from services import purchase_reports, referral_figures
from services.at_once import at_once
from services.console_figures import read
from services.kept import kept
from services.referral_figures import MOST_BUCKETS
from services.voucher_figures import MOST_DAYS

PRODUCTS = 7
"""Drawn by name; the rest is drawn as one."""
OTHERS = "Others"
BOARD_SIZE = 25


class Kind(StrEnum):
    """What a column counts."""

    MONEY = "money"
    """Minor units."""
    POINTS = "points"
    """Minor units, too."""
    COUNT = "count"
    PERCENT = "percent"
    """With one decimal; None where there is nothing to divide by."""


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Row:
    label: str
    values: list[int | float | None]
    user: int | None = None
    """Whom the row is about."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A chart in words. The days are included at both ends; None for a table that has no range."""

    heading: str
    columns: list[Column]
    rows: list[Row]
    first: date | None = None
    last: date | None = None
    empty: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "empty", not any(value for row in self.rows for value in row.values))


def purchases(first: date | None = None, last: date | None = None) -> Table:
    """What was bought, paid and fell due in each month from that of `first` to that of `last`. Raises Invalid."""
    months = purchase_reports.months(first, last, apart=True)
    names = ("Purchases", "Paid", "Due")
    rows = [Row(label=f"{month.month:%Y-%m}", values=[month.total_purchases, month.total_paid, month.total_due])
            for month in months]
    return Table(heading="Month", columns=[Column(name=name, kind=Kind.MONEY) for name in names], rows=rows,
                 first=months[0].month, last=last or _today())


def revenue(first: date | None = None, last: date | None = None) -> Table:
    """What each product took on each day, less what was given back: vouchers and goods on instalments.

    Raises Invalid.
    """
    first, last = _range(first, last, days=30, most=MOST_DAYS)
    span, zone = _moments(first, last), settings.current().timezone.key
    taken: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    sold, bought = at_once([
        partial(read, Payment, [*voucher_sales.moves(*span), *pipelines.by_day("$at", zone, "$type")]),
        partial(read, Purchase, pipelines.shop_takings(span, zone))])
    types = {row.id: row.name for row in VoucherType.find({"_id": {"$in": [row["_id"]["product"] for row in sold]}})}
    for row in sold:
        name = types.get(row["_id"]["product"], f"Voucher type {row['_id']['product']}")
        taken[name][row["_id"]["day"]] += row["amount"]
    for row in bought:
        taken[row["name"]][row["_id"]["day"]] += row["amount"]
    best = sorted(taken, key=lambda name: (-sum(taken[name].values()), name))
    groups = {name: [name] for name in best[:PRODUCTS]} | ({OTHERS: best[PRODUCTS:]} if best[PRODUCTS:] else {})
    rows = [Row(label=day, values=[sum(taken[name][day] for name in names) for names in groups.values()])
            for day in map(str, _days(first, last))]
    return Table(heading="Day", columns=[Column(name=name, kind=Kind.MONEY) for name in groups], rows=rows,
                 first=first, last=last)


def referrals(first: date | None = None, last: date | None = None) -> Table:
    """How many people were referred on each day, as the leaderboards count them. Raises Invalid."""
    first, last = _range(first, last, days=90, most=MOST_BUCKETS)
    found = {row["_id"]: row["count"] for row in read(
        ReferralRollup, pipelines.referred(Span.DAY.value, str(first), str(last)))}
    rows = [Row(label=day, values=[found.get(day, 0)]) for day in map(str, _days(first, last))]
    return Table(heading="Day", columns=[Column(name="Referrals", kind=Kind.COUNT)], rows=rows, first=first, last=last)


def recharges(first: date | None = None, last: date | None = None) -> Table:
    """How the recharges of each provider ended, of those made in the range; the rate is of those that have ended.

    Raises Invalid.
    """
    first, last = _range(first, last, days=30, most=MOST_DAYS)
    counts: dict[int, dict[Status, int]] = defaultdict(lambda: dict.fromkeys(Status, 0))
    for row in read(Recharge, pipelines.recharge_states(*_moments(first, last))):
        counts[row["_id"]["provider"]][Status(row["_id"]["status"])] = row["count"]
    titles = {row.id: row.title for row in Provider.find({"_id": {"$in": list(counts)}})}
    rows = [_provider(titles.get(key, f"Provider {key}"), counts[key]) for key in counts]
    columns = [Column(name="Success rate", kind=Kind.PERCENT),
               *(Column(name=name, kind=Kind.COUNT) for name in ("Delivered", "Failed", "Pending"))]
    return Table(heading="Provider", columns=columns, rows=sorted(rows, key=lambda row: row.label),
                 first=first, last=last)


def leaderboard(period: str = Span.MONTH, metric: str = "count") -> Table:
    """Who refers most in this week, this month or ever; `metric` is count, cash or points, as the API counts them."""
    by_count = metric == "count"
    found = referral_figures.leaderboard(caller=None, period=period, limit=BOARD_SIZE,
                                         metric="count" if by_count else "value",
                                         unit="POINTS" if metric == "points" else "CASH")
    kind = {"count": Kind.COUNT, "cash": Kind.MONEY, "points": Kind.POINTS}[metric]
    rows = [Row(label=row["name"], values=[row["count" if by_count else "value"]], user=row["user_id"])
            for row in found["results"]]
    return Table(heading="Name", columns=[Column(name="Referrals" if by_count else "Earned", kind=kind)], rows=rows)


def _provider(title: str, counts: dict[Status, int]) -> Row:
    delivered, failed = counts[Status.SUCCESS], counts[Status.FAILED]
    rate = round(delivered * 100 / (delivered + failed), 1) if delivered + failed else None
    return Row(label=title, values=[rate, delivered, failed, counts[Status.PENDING]])


def _range(first: date | None, last: date | None, *, days: int, most: int) -> tuple[date, date]:
    """The days asked for, else the last so many. Raises Invalid for the wrong order or more than `most`."""
    last = last or _today()
    first = first or last - timedelta(days=min(days - 1, last.toordinal() - 1))
    if first > last:
        raise Invalid.field("to", "The last day cannot come before the first.")
    if (last - first).days >= most:
        raise Invalid.field("from", f"Ask for at most {most} days at once.")
    return first, last


def _moments(first: date, last: date) -> Moments:
    return purchase_reports.span_of(first=first, last=last)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _today() -> date:
    return clock.day_of(clock.now(), settings.current().timezone)


def drawn(name: str, first: date | None = None, last: date | None = None) -> Table:
    """One of the charts in `RANGED`. What took long is kept for a minute; what is quick is always new. Raises Invalid.
    """
    key = f"console:chart:{name}:{first}:{last}:{_today()}"
    return _loaded(kept(key, lambda: asdict(RANGED[name](first, last)), seconds=60))


def _loaded(stored: dict) -> Table:
    first, last = (date.fromisoformat(stored[name]) if stored[name] else None for name in ("first", "last"))
    return Table(heading=stored["heading"], first=first, last=last, rows=[Row(**row) for row in stored["rows"]],
                 columns=[Column(name=column["name"], kind=Kind(column["kind"])) for column in stored["columns"]])


RANGED: dict[str, Callable[[date | None, date | None], Table]] = {
    "purchases": purchases, "revenue": revenue, "referrals": referrals, "recharges": recharges}
"""The charts over a range of days, by the name that their addresses have."""

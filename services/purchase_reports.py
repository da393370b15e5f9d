"""The figures of the instalment shop: by customer, by month, for one person, for everybody."""
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from aggregations import purchase_reports as pipelines
from aggregations.purchase_reports import Span
from config import settings
from documents import clock
from documents.base import Document
from documents.errors import Invalid
from documents.listing import DerivedListing, Order
from documents.products import Product
from documents.purchases import Purchase
from documents.transactions import current_session
from documents.users import User
from services.at_once import at_once

MONTHS = 6
MOST_MONTHS = 120
EVER = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC, microsecond=0))
INSTANT = timedelta(milliseconds=1)


def span_of(*, first: date | None = None, last: date | None = None, days: int | None = None) -> Span:
    """Whole days of BUSINESS_TIMEZONE, `first` and `last` included.

    Without `last` it ends now, this very moment included; without `first` it is `days` times 24 hours long.
    Without `days` an open end means all there is. Raises Invalid when `last` comes before `first`.
    """
    zone = settings.current().timezone
    latest = EVER.until if days is None else clock.now() + INSTANT
    until = clock.day_start(last + timedelta(days=1), zone) if last else latest
    earliest = EVER.since if days is None else until - timedelta(days=days)
    span = Span(clock.day_start(first, zone) if first else earliest, until)
    if span.since >= span.until:
        raise Invalid.field("to", "The last day cannot come before the first.")
    return span


@dataclass(frozen=True)
class CustomerFigures(DerivedListing):
    """One row for each user, worked out for the whole span and then cut: a page costs what everything costs."""

    span: Span = EVER

    def rows(self, match: dict, order: Order, *, skip: int = 0, limit: int) -> list[dict]:
        return list(self._aggregate(match, order, [{"$skip": skip}, {"$limit": limit}], batch=limit + 1))

    def every_row(self) -> Iterator[dict]:
        """All of them, as they come from the server."""
        return self._aggregate(self.match, list(self.order), [], batch=1_000)

    def _aggregate(self, match: dict, order: Order, cut: list[dict], *, batch: int) -> Iterator[dict]:
        ordered = [{"$sort": dict(order)}, *cut]
        # In the order of ids, all but the page's users are left out before anything is added up for them.
        before, after = (ordered, ordered[:1]) if order[0][0] == "_id" else ([], ordered)
        return Purchase.collection().aggregate(
            [*pipelines.customers(self.span, match, before), *after], session=current_session(), batchSize=batch)


def customers(span: Span) -> CustomerFigures:
    """What each user bought, paid and owes in `span`, by id; sums in minor units."""
    orderings = {"id": "_id", **{name: name for name in ("username", "email", *pipelines.FIGURES)}}
    return CustomerFigures(User, order=[("_id", 1)], orderings=orderings, searchable=("username", "email"), span=span)


@dataclass(frozen=True, kw_only=True)
class Month:
    """One calendar month in BUSINESS_TIMEZONE; sums in minor units."""

    month: date
    total_purchases: int = 0
    total_paid: int = 0
    total_due: int = 0


def months(first: date | None = None, last: date | None = None, *, apart: bool = False) -> list[Month]:
    """Every month from that of `first` to that of `last`, oldest first; else the six that end with this one.

    It is read in one round trip, or `apart` in one for each sum, all at once. Raises Invalid for months in the wrong
    order or too many of them.
    """
    zone = settings.current().timezone
    newest = (last or clock.day_of(clock.now(), zone)).replace(day=1)
    oldest = first.replace(day=1) if first else _earlier(newest, MONTHS - 1)
    wanted: list[date] = []
    while oldest <= newest and len(wanted) <= MOST_MONTHS:
        wanted.append(oldest)
        oldest = _earlier(oldest, -1)
    if not 0 < len(wanted) <= MOST_MONTHS:
        raise Invalid.field("to", f"Ask for 1 to {MOST_MONTHS} months, the first one first.")
    span = Span(clock.day_start(wanted[0], zone), clock.day_start(_earlier(newest, -1), zone))
    asked = pipelines.months_apart(span, zone.key) if apart else [pipelines.months(span, zone.key)]
    known: dict[str, dict[str, int]] = defaultdict(dict)
    for row in chain.from_iterable(at_once([partial(_read, Purchase, pipeline) for pipeline in asked])):
        known[row.pop("_id")] |= row
    return [Month(month=month, **known.get(f"{month:%Y-%m}", {})) for month in wanted]


def labels(shown: list[Month]) -> list[str]:
    """English names of months; with the year where a name would come twice."""
    return [f"{row.month:%B}" if len(shown) <= 12 else f"{row.month:%B %Y}" for row in shown]


def customer(customer_id: int, span: Span) -> dict[str, Any]:
    """What one customer bought, paid and owes; sums in minor units, all 0 when there is nothing."""
    return _one(Purchase, pipelines.customer(customer_id, span),
                ("total_due", "total_paid", "total_purchase", "installment_left", "installment_paid"))


def people(span: Span) -> dict[str, Any]:
    """How many users joined in `span` and still exist, verified and not."""
    return _one(User, pipelines.people(span), ("total_users", "verified_users", "not_verified_users"))


def products(span: Span) -> dict[str, Any]:
    """How many products are on sale that came in `span`."""
    return _one(Product, pipelines.products(span), ("total_products",))


def _one(document: type[Document], pipeline: list[dict], names: tuple[str, ...]) -> dict[str, Any]:
    return {**dict.fromkeys(names, 0), **next(iter(_read(document, pipeline)), {})}


def _read(document: type[Document], pipeline: list[dict]) -> list[dict]:
    return list(document.collection().aggregate(pipeline, session=current_session(), batchSize=1_000))


def _earlier(month: date, count: int) -> date:
    """The first day of the month `count` months before (negative: after)."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)

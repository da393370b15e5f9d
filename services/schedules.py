"""The schedule of a purchase: what is paid when, to the minor unit and to the day."""
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from documents.purchases import Installment, Status

DAYS_BETWEEN = 30
LEAST_FIRST_TENTHS = 3
"""The first instalment is at least this many tenths of the total."""


def least_first(total: int) -> int:
    """The smallest first instalment of several, in minor units: 30 % of `total`, never rounded down."""
    return -(-total * LEAST_FIRST_TENTHS // 10)


def split(rest: int, parts: int) -> list[int]:
    """`rest` minor units in equal parts, rounded half-even; the last one takes the remainder, so the sum is exact."""
    each = int((Decimal(rest) / parts).quantize(Decimal(1), ROUND_HALF_EVEN))
    if each * (parts - 1) > rest:
        each = rest // parts    # a few units over many parts: rounding up would leave less than nothing for the last
    return [each] * (parts - 1) + [rest - each * (parts - 1)]


def plan(*, total: int, first: int, count: int, purchase_date: datetime, zone: ZoneInfo) -> Iterator[Installment]:
    """The instalments of a purchase, still without ids and payments; amounts in minor units.

    A part of nothing is paid from the start, and so is everything when the first instalment is the whole total.
    The first is due at once and not paid yet: its payment is the caller's to book.
    """
    amounts = [first, *(split(total - first, count - 1) if count > 1 else [])]
    for number, amount in enumerate(amounts, start=1):
        nothing = amount == 0
        yield Installment(
            number=number, amount=amount, due_amount=amount, paid_amount=0, late_fee=0,
            due_date=days_after(purchase_date, DAYS_BETWEEN * (number - 1), zone),
            status=Status.PAID if nothing else Status.DUE, payment_date=purchase_date if nothing else None)


def days_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day in `zone`, `days` calendar days later: a change of the clocks moves no due time."""
    return (moment.astimezone(zone) + timedelta(days=days)).astimezone(UTC)

"""Schedules: the worked tables, and that any schedule adds up."""
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.purchases import Status
from services import schedules

DHAKA = ZoneInfo("Asia/Dhaka")
NOON = datetime(2026, 11, 20, 6, tzinfo=UTC)


def amounts(total: int, first: int, count: int) -> list[int]:
    planned = schedules.plan(total=total, first=first, count=count, purchase_date=NOON, zone=DHAKA)
    return [part.amount for part in planned]


@pytest.mark.parametrize(("total", "first", "count", "parts"), [
    (20_000_00, 6_000_00, 3, [6_000_00, 7_000_00, 7_000_00]),
    (100_00, 30_00, 4, [30_00, 23_33, 23_33, 23_34]),
    (100_00, 50_00, 4, [50_00, 16_67, 16_67, 16_66]),
    (100_00, 99_75, 3, [99_75, 12, 13]),
    (100_00, 99_85, 3, [99_85, 8, 7]),
    (100_00, 100_00, 1, [100_00]),
    (100_00, 100_00, 3, [100_00, 0, 0]),
    (10_000_00, 3_000_00, 60, [3_000_00, *[118_64] * 58, 118_88]),
], ids=["E1", "E2", "E3", "E4", "E5", "E6", "E7", "big"])
def test_the_worked_table(total, first, count, parts):
    assert amounts(total, first, count) == parts


def test_what_costs_nothing_is_paid_at_once():
    parts = list(schedules.plan(total=100_00, first=100_00, count=3, purchase_date=NOON, zone=DHAKA))
    assert [(part.status, part.payment_date) for part in parts[1:]] == [(Status.PAID, NOON)] * 2


@pytest.mark.parametrize(("total", "least"), [
    (99_99, 30_00), (100_00, 30_00), (1, 1), (3, 1), (4, 2), (20_000_00, 6_000_00)])
def test_the_first_is_thirty_per_cent_compared_unrounded(total, least):
    assert schedules.least_first(total) == least


@given(total=st.integers(1, 9_999_999_999), count=st.integers(1, 60), data=st.data())
def test_any_schedule_sums_to_the_total(total, count, data):
    first = total if count == 1 else data.draw(st.integers(schedules.least_first(total), total))
    parts = amounts(total, first, count)
    assert sum(parts) == total
    assert len(parts) == count
    assert parts[0] == first
    assert min(parts) >= 0
    assert len(set(parts[1:-1])) <= 1, "all but the last are equal"


def test_due_dates_are_thirty_days_apart_in_local_time():
    new_york = ZoneInfo("America/New_York")
    bought = datetime(2026, 10, 15, 9, 30, tzinfo=new_york)     # the clocks go back on 1 November
    parts = list(schedules.plan(total=300, first=100, count=3, purchase_date=bought.astimezone(UTC), zone=new_york))
    local = [part.due_date.astimezone(new_york) for part in parts]
    assert [moment.replace(tzinfo=None) for moment in local] == [
        datetime(2026, 10, 15, 9, 30), datetime(2026, 11, 14, 9, 30), datetime(2026, 12, 14, 9, 30)]  # noqa: DTZ001
    assert parts[1].due_date - parts[0].due_date == timedelta(days=30, hours=1)

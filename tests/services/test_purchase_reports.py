"""Reports: the worked row of the old system with its figures put right, spans with two ends, months once each."""
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from aggregations import installments as open_ones
from aggregations import purchase_reports as pipelines
from aggregations.installment_views import OVERDUE
from aggregations.purchase_reports import Span
from config import connections
from documents import clock, money
from documents.errors import Invalid
from services import installments, purchase_reports
from services.purchase_reports import EVER, span_of
from tests.buying import buy

YEAR = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def customer(people):
    """Four purchases of the worked row, then 1000 on the first and 23.33 on the second."""
    person = people.client()
    first = buy(person, "10000.00", "6000.00", 3, quantity=2)
    second = buy(person, "100.00", "30.00", 4, days_ago=20)
    buy(person, "100.00", "100.00", 1, days_ago=40)
    buy(person, "10000.00", "4000.00", 3, days_ago=40)
    installments.pay(actor=person, installment_id=first.installments[1].id, amount=1_000_00)
    installments.pay(actor=person, installment_id=second.installments[1].id, amount=23_33)
    return person


def row_of(user, span) -> dict:
    figures = purchase_reports.customers(span)
    return next(row for row in figures.rows({}, [("_id", 1)], limit=1000) if row["_id"] == user.id)


def test_the_worked_row_of_one_customer(customer):
    assert purchase_reports.customer(customer.id, EVER) | {"_id": None} == {
        "_id": None, "total_due": 19_046_67, "total_paid": 11_153_33, "total_purchase": 4, "installment_left": 6,
        "installment_paid": 5}


def test_the_worked_row_of_a_week(customer):
    row = row_of(customer, span_of(days=7))
    assert (row["total_paid_amount"], row["total_due_amount"]) == (7_023_33, 0)
    assert (row["total_purchase_count"], row["total_product_quantity"], row["total_installment_count"]) == (1, 2, 1)
    assert (row["fully_paid_purchases"], row["due_purchases"], row["overall_status"]) == (0, 1, "due")


def test_the_worked_row_of_a_month(customer):
    row = row_of(customer, span_of(days=30))
    assert (row["total_paid_amount"], row["total_due_amount"]) == (7_053_33, 3_000_00)
    assert (row["total_purchase_count"], row["total_product_quantity"], row["total_installment_count"]) == (2, 3, 3)
    assert (row["fully_paid_purchases"], row["due_purchases"], row["overall_status"]) == (0, 2, "due")


def test_everybody_is_in_it_also_who_bought_nothing(people, customer):
    idle, settled = people.admin(), people.client()
    buy(settled, "100.00", "100.00", 1)
    assert row_of(idle, span_of(days=7))["overall_status"] == "n/a"
    assert row_of(idle, span_of(days=7))["total_paid_amount"] == 0
    assert row_of(settled, span_of(days=7))["overall_status"] == "paid"
    found = purchase_reports.customers(span_of(days=7))
    assert [row["_id"] for row in found.rows({}, [("_id", 1)], limit=1000)] == [customer.id, idle.id, settled.id]
    assert [row["_id"] for row in found.rows({}, [("total_paid_amount", -1)], skip=1, limit=1)] == [settled.id]
    assert [row["_id"] for row in found.rows(found.searching(settled.email), [("_id", 1)], limit=9)] == [settled.id]
    assert [row["_id"] for row in found.every_row()] == [customer.id, idle.id, settled.id]


def test_a_late_fee_counts_as_paid_when_it_was_paid_and_a_returned_one_when_it_was_returned(people, move_clock):
    person = people.client()
    bought = buy(person, "100.00", "50.00", 2)
    move_clock(timedelta(days=40))
    installments.pay(actor=person, installment_id=bought.installments[1].id, amount=55_00)
    assert row_of(person, span_of(days=7))["total_paid_amount"] == 55_00
    move_clock(timedelta(days=50))
    installments.waive_fee(actor=people.admin(), installment_id=bought.installments[1].id, reason="ours")
    assert row_of(person, span_of(days=7))["total_paid_amount"] == -5_00
    assert row_of(person, span_of(days=60))["total_paid_amount"] == 100_00


def test_a_span_of_days_has_two_ends_in_the_business_time_zone(settings):
    span = span_of(first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert span == (datetime(2026, 2, 28, 18, 30, tzinfo=UTC), datetime(2026, 3, 31, 18, 30, tzinfo=UTC))
    with pytest.raises(Invalid):
        span_of(first=date(2026, 3, 2), last=date(2026, 3, 1))
    assert span_of() == EVER


def test_an_open_end_of_a_span_takes_the_default(people):
    person = people.client()
    buy(person, "100.00", "50.00", 2, days_ago=20)
    today = clock.now().date()
    since = span_of(first=today - timedelta(days=21), days=7)
    assert row_of(person, since)["total_paid_amount"] == 50_00
    assert row_of(person, span_of(days=7))["total_paid_amount"] == 0


@pytest.mark.parametrize("today", [datetime(2026, month, day, 12, tzinfo=UTC) for month, day in (
    (1, 31), (2, 28), (3, 1), (3, 31), (4, 30), (5, 31), (12, 31))])
def test_months_never_repeat(app, move_clock, today):
    move_clock(today - datetime.now(UTC))
    shown = purchase_reports.months()
    names = purchase_reports.labels(shown)
    assert len(set(names)) == 6
    assert names[-1] == f"{today:%B}"
    assert [row.month.day for row in shown] == [1] * 6


def test_a_month_holds_what_happened_in_it(people, move_clock):
    # In India it is already the 1st of March.
    move_clock(datetime(2027, 2, 28, 19, 0, tzinfo=UTC) - datetime.now(UTC))
    person = people.client()
    bought = buy(person, "100.00", "40.00", 3)
    installments.pay(actor=person, installment_id=bought.installments[2].id, amount=10_00)
    buy(person, "50.00", "50.00", 1, days_ago=1)
    shown = {f"{row.month:%Y-%m}": row for row in purchase_reports.months(date(2027, 2, 10), date(2027, 4, 2))}
    assert list(shown) == ["2027-02", "2027-03", "2027-04"]
    figures = {name: (row.total_purchases, row.total_paid, row.total_due) for name, row in shown.items()}
    assert figures == {"2027-02": (50_00, 50_00, 0), "2027-03": (100_00, 50_00, 30_00), "2027-04": (0, 0, 20_00)}
    assert [row.month for row in purchase_reports.months()][-1] == date(2027, 3, 1)


def test_a_chart_of_more_than_a_year_names_the_years(app):
    shown = purchase_reports.months(date(2025, 1, 1), date(2026, 1, 31))
    assert purchase_reports.labels(shown)[0] == "January 2025"
    for first, last in ((date(2026, 2, 1), date(2026, 1, 1)), (date(1900, 1, 1), date(2026, 1, 1))):
        with pytest.raises(Invalid):
            purchase_reports.months(first, last)


def test_people_and_products_are_counted(people, customer):
    people.client(is_verified=False)
    assert purchase_reports.people(EVER)["not_verified_users"] == 1
    assert purchase_reports.people(EVER)["total_users"] == 2
    assert purchase_reports.products(EVER)["total_products"] == 4
    assert purchase_reports.people(span_of(last=date(2020, 1, 1)))["total_users"] == 0
    assert money.number(purchase_reports.customer(0, EVER)["total_due"]) == 0


def stages(plan: object) -> Iterator[str]:
    """The names of the stages anywhere in an explained plan."""
    if isinstance(plan, dict):
        yield from ([plan["stage"]] if "stage" in plan else [])
        yield from (name for value in plan.values() for name in stages(value))
    elif isinstance(plan, list):
        yield from (name for value in plan for name in stages(value))


@pytest.mark.parametrize(("collection", "pipeline"), [
    ("purchases", pipelines.customers(YEAR, {}, [])), ("purchases", pipelines.months(YEAR, "Asia/Kolkata")),
    ("purchases", pipelines.customer(1, YEAR)), ("users", pipelines.people(YEAR)),
    ("products", pipelines.products(YEAR)),
    ("purchases", open_ones.first_open(1)), ("purchases", open_ones.apart({"customer": 1})),
    ("purchases", OVERDUE)],
    ids=["customers", "months", "customer", "people", "products", "next due", "own", "overdue"])
def test_no_report_reads_a_whole_collection(customer, collection, pipeline):
    plan = connections.database().command("explain", {"aggregate": collection, "pipeline": pipeline, "cursor": {}},
                                          verbosity="queryPlanner")
    used = set(stages(plan))
    assert "COLLSCAN" not in used
    assert used & {"IXSCAN", "COUNT_SCAN"}

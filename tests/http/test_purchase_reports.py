"""Reports over HTTP: the shapes that dashboards read, who may, spans and CSV."""
import csv
import io

import pytest

from tests.buying import buy
from tests.queries import counted

WEEKLY, MONTHLY = "/api/reports/payment-summary/weekly/", "/api/reports/payment-summary/monthly/"
CHART, SUMMARY, STATS = "/api/reports/chart/summary/", "/api/user/summary/", "/api/user-stats/"


@pytest.fixture
def buyer(people):
    person = people.client(username="anna")
    buy(person, "10000.00", "6000.00", 3, quantity=2)
    return person


@pytest.fixture
def admin(people, as_user, buyer):
    """Somebody who came after the buyer."""
    return as_user(people.admin())


def test_the_shapes_of_the_old_dashboards(admin, as_user, buyer, client):
    row = admin.get(WEEKLY).json[0]
    assert row == {"id": buyer.id, "username": "anna", "email": buyer.email, "total_paid_amount": 6000.0,
                   "total_due_amount": 0.0, "total_purchase_count": 1, "total_product_quantity": 2,
                   "total_installment_count": 1, "fully_paid_purchases": 0, "due_purchases": 1, "overall_status": "due"}
    assert admin.get(MONTHLY).json[1]["overall_status"] == "n/a"
    chart = admin.get("/reports/chart/summary/").json
    assert set(chart) == {"labels", "datasets"}
    assert [len(values) for values in (chart["labels"], *chart["datasets"].values())] == [6] * 4
    assert chart["datasets"]["total_purchases"][-1] == 20000.0
    assert as_user(buyer).get("/user/summary/").json == {
        "total_due": 14000.0, "total_paid": 6000.0, "total_purchase": 1, "installment_left": 2, "installment_paid": 1}
    assert admin.get("/user-stats/").json == {"total_users": 2, "verified_users": 2, "not_verified_users": 0}
    assert client.get("/public/global-summary/").json == {"total_products": 1}


def test_nothing_at_all_is_zero(admin):
    assert set(admin.get(SUMMARY).json.values()) == {0}


def test_reports_are_for_administrators(buyer, as_user):
    for path in (WEEKLY, MONTHLY, CHART, STATS):
        assert as_user(buyer).get(path).status_code == 403


@pytest.mark.parametrize("path", [WEEKLY, MONTHLY, SUMMARY, STATS])
def test_a_span_from_the_past_is_empty(admin, buyer, path):
    answer = admin.get(f"{path}?from=2020-01-01&to=2020-12-31").json
    figures = answer[0] if isinstance(answer, list) else answer
    assert {value for name, value in figures.items() if name.startswith("total")} == {0}


@pytest.mark.parametrize("query", ["from=x", "to=2026-13-01", "from=2026-02-01&to=2026-01-01", "format=xml",
                                   "from=0001-01-01", "to=9999-12-31", "from[$gt]=1&from=y"])
@pytest.mark.parametrize("path", [WEEKLY, CHART, SUMMARY])
def test_bad_questions_are_refused(admin, path, query):
    assert admin.get(f"{path}?{query}").status_code == 400


def test_every_report_is_a_file_too(admin, buyer):
    for path, columns in ((WEEKLY, 11), (MONTHLY, 11), (CHART, 4), (SUMMARY, 5), (STATS, 3),
                          ("/api/public/global-summary/", 1)):
        answer = admin.get(f"{path}?format=csv")
        assert answer.mimetype == "text/csv"
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert {len(row) for row in rows} == {columns}
        assert len(rows) > 1
    assert rows[1] == ["1"]
    weekly = list(csv.DictReader(io.StringIO(admin.get(f"{WEEKLY}?format=csv").text)))
    assert (weekly[0]["username"], weekly[0]["total_paid_amount"]) == ("anna", "6000.0")


def test_a_page_a_search_and_an_order_of_the_weekly_report(admin, buyer):
    page = admin.get(f"{WEEKLY}?page=1&page_size=1&ordering=-total_paid_amount").json
    assert (page["count"], page["results"][0]["username"]) == (2, "anna")
    assert [row["id"] for row in admin.get(f"{WEEKLY}?search=ann").json] == [buyer.id]


def test_each_report_is_one_round_trip_besides_the_session(admin, buyer):
    admin.get(STATS)    # signs in
    for path in (WEEKLY, MONTHLY, CHART, SUMMARY, STATS, f"{WEEKLY}?format=csv"):
        with counted() as commands:
            assert admin.get(path).data
        assert commands == ["aggregate", "aggregate"], path

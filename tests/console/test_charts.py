"""Charts: the same figures as the API, bounded ranges, and a file of the same rows."""
import csv
import io

import pytest

from config import connections
from documents import money
from documents.payments import Payment
from services import kept, purchase_reports, referral_figures, refunds, voucher_figures
from services.gateways.operators import simulated
from tests.buying import buy as buy_goods
from tests.catalogue import buy as recharge
from tests.catalogue import plan
from tests.referring import refer, terms, work_off_events
from tests.vouchering import buy as buy_vouchers
from tests.vouchering import voucher_type

pytestmark = pytest.mark.usefixtures("noon")


def chart(console, name: str, **asked) -> dict:
    answer = console.get(f"/admin/reports/{name}/", query_string={"format": "json", **asked})
    assert answer.status_code == 200, answer.text
    return answer.json


def columns(table: dict) -> list[str]:
    return [column["name"] for column in table["columns"]]


def test_purchases_paid_and_due_are_those_of_the_api(people, console):
    buyer = people.client()
    buy_goods(buyer, "300.00", "100.00", 3, days_ago=45)
    buy_goods(buyer, "50.00", "50.00", 1)
    table = chart(console, "purchases")
    expected = purchase_reports.months()
    assert [(row["label"], *row["values"]) for row in table["rows"]] == [
        (f"{month.month:%Y-%m}", *map(money.text, (month.total_purchases, month.total_paid, month.total_due)))
        for month in expected]
    assert len(table["rows"]) == 6
    assert table["rows"][-1]["values"] == ["50.00", "50.00", "100.00"]


def test_daily_revenue_is_that_of_the_api_with_each_product_apart(people, console, fund):
    buyer = people.client()
    fund(buyer, "1000.00")
    exam, school = voucher_type(1_000, name="Exam"), voucher_type(2_500, name="School")
    bought = buy_vouchers(buyer, exam, 3)
    buy_vouchers(buyer, school, 1)
    refunds.refund_now(payment=Payment.get(bought[0]["payment"]), amount=500, actor=1)
    table = chart(console, "revenue")
    assert columns(table) == ["Exam", "School"]
    assert table["rows"][-1] == {"label": "2027-03-10", "user": None, "values": ["25.00", "25.00"]}
    days = {row["_id"]: row["revenue"] for row in voucher_figures.revenue(days=30)["daily_revenue"]}
    assert days == {"2027-03-10": 5_000}
    assert len(table["rows"]) == 30
    buy_goods(buyer, "300.00", "100.00", 3)
    assert columns(chart(console, "revenue")) == ["Laptop", "Exam", "School"]


def test_only_the_best_products_are_named(people, console, fund):
    buyer = people.client()
    fund(buyer, "1000.00")
    for number in range(9):
        buy_vouchers(buyer, voucher_type(1_000 + number * 100, name=f"Type {number}"), 1)
    table = chart(console, "revenue")
    assert columns(table) == [f"Type {number}" for number in range(8, 1, -1)] + ["Others"]
    assert table["rows"][-1]["values"][-1] == "21.00"


def test_referrals_and_the_leaderboard_count_alike(people, console, admin):
    terms(admin)
    owner = people.client()
    for _ in range(3):
        refer(owner, people.client())
    work_off_events()
    assert chart(console, "referrals")["rows"][-1]["values"] == [3]
    board = chart(console, "leaderboard", period="week")
    expected = referral_figures.leaderboard(caller=None, period="week")["results"]
    assert [(row["user"], row["values"]) for row in board["rows"]] == [
        (row["user_id"], [row["count"]]) for row in expected] == [(owner.id, [3])]
    assert f'href="/admin/customers/{owner.id}/"' in console.get("/admin/reports/leaderboard/").text


def test_success_rate_by_provider(people, console, fund):
    customer = people.client()
    fund(customer, "1000.00")
    one, other = plan("10.00", identifier="ONE"), plan("10.00", identifier="OTHER")
    recharge(customer, one)
    recharge(customer, one)
    for behaviour, article in (("fail", one), ("silent", other)):
        simulated.tell(behaviour, times=1)
        recharge(customer, article)
    table = chart(console, "recharges")
    assert columns(table) == ["Success rate", "Delivered", "Failed", "Pending"]
    assert {row["label"]: row["values"] for row in table["rows"]} == {
        "Network of ONE": [66.7, 2, 1, 0], "Network of OTHER": [None, 0, 0, 1]}


@pytest.mark.parametrize(("name", "asked", "said"), [
    ("revenue", {"from": "2025-01-01", "to": "2026-12-31"}, "at most 366 days"),
    ("recharges", {"from": "2026-12-31", "to": "2026-01-01"}, "cannot come before"),
    ("referrals", {"from": "2000-01-01"}, "at most 1000 days"),
    ("purchases", {"from": "2010-01-01"}, "1 to 120 months"),
    ("revenue", {"from": "yesterday"}, "Give a day"),
    ("revenue", {"to": "0001-01-01"}, "between 2000 and 2100"),
    ("purchases", {"to": "9999-12-31"}, "between 2000 and 2100"),
])
def test_a_range_that_is_too_long_or_wrong_is_refused_with_a_reason(console, name, asked, said):
    page = console.get(f"/admin/reports/{name}/", query_string=asked)
    answer = console.get(f"/admin/reports/{name}/", query_string={**asked, "format": "json"})
    assert page.status_code == answer.status_code == 400
    assert said in page.text
    assert said in answer.text


def test_what_took_long_is_kept_for_a_minute(people, console, fund, monkeypatch):
    monkeypatch.setattr(kept, "SLOW_SECONDS", 0)
    buyer = people.client()
    fund(buyer, "100.00")
    buy_vouchers(buyer, voucher_type(1_000), 1)
    first = chart(console, "revenue")
    buy_vouchers(buyer, voucher_type(2_000, name="Another"), 1)
    assert chart(console, "revenue") == first
    assert columns(chart(console, "revenue", to="2027-03-10")) != columns(first)
    keys = connections.redis().keys("console:chart:*")
    assert {connections.redis().ttl(key) for key in keys} <= set(range(55, 61))
    connections.redis().delete(*keys)
    assert chart(console, "revenue") != first


@pytest.mark.parametrize("name", ["purchases", "revenue", "referrals", "recharges", "leaderboard"])
def test_every_chart_is_a_file_of_the_same_rows(people, console, fund, name):
    customer = people.client()
    fund(customer, "100.00")
    recharge(customer, plan("10.00", identifier="AIR_OK"))
    table = chart(console, name)
    answer = console.get(f"/admin/reports/{name}/?format=csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    header, *lines = csv.reader(io.StringIO(answer.text))
    assert header == [table["heading"], *columns(table)]
    assert lines == [[row["label"], *("" if value is None else str(value) for value in row["values"])]
                     for row in table["rows"]]


def test_a_name_cannot_be_a_formula_in_the_file(people, console, fund):
    buyer = people.client()
    fund(buyer, "100.00")
    buy_vouchers(buyer, voucher_type(1_000, name="=HYPERLINK(1)"), 1)
    assert "'=HYPERLINK(1)" in console.get("/admin/reports/revenue/?format=csv").text


@pytest.mark.parametrize("path", ["reports/nothing/", "reports/leaderboard/?period=never",
                                  "reports/leaderboard/?metric=x"])
def test_what_is_not_there(console, path):
    assert console.get(f"/admin/{path}").status_code == 404

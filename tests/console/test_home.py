"""The first page: figures that agree with what happened, what needs a person, charts that say what the API says."""
import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from blueprints.console import access
from config import connections
from documents import clock, money
from documents.events import Event
from documents.gateway_events import GatewayEvent
from documents.gateway_events import Status as GatewayStatus
from documents.payments import Payment
from documents.permissions import Permission
from documents.sessions import Session
from documents.staff_actions import StaffAction
from documents.verifications import Origin, Verification
from services import (
    console_charts,
    console_figures,
    events,
    purchase_reports,
    referral_figures,
    refunds,
    settlements,
    voucher_figures,
)
from services import wallets as wallet_service
from services.gateways.operators import simulated
from tests.buying import buy as buy_goods
from tests.catalogue import buy as recharge
from tests.catalogue import plan
from tests.consoling import console_of
from tests.referring import refer, terms, work_off_events
from tests.shops import shop, take
from tests.vouchering import buy as buy_vouchers
from tests.vouchering import voucher_type

NOON = datetime(2027, 3, 10, 6, 30, tzinfo=UTC)
"""Noon in India."""


@pytest.fixture(autouse=True)
def noon(move_clock):
    """Away from midnight, so that today is one day."""
    move_clock(NOON - datetime.now(UTC))


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def console(app, admin):
    return console_of(app, admin)


def figures(console) -> dict[str, str]:
    """The figures of the tiles without their markup."""
    lines = console.get("/admin/figures/").json["lines"]
    return {key: " ".join("".join(part.partition(">")[2] if "<" in text else text
                                  for part in text.split("<")) for text in [shown]).strip()
            for key, shown in lines.items()}


def chart(console, name: str, **asked) -> dict:
    answer = console.get(f"/admin/reports/{name}/", query_string={"format": "json", **asked})
    assert answer.status_code == 200, answer.text
    return answer.json


def columns(table: dict) -> list[str]:
    return [column["name"] for column in table["columns"]]


def needs_a_person(subject: str = "payment:7", **facts) -> str:
    return str(events.record("payment.disputed", subject=subject, amount=1_250, dispute="dp_1", **facts))


def test_money_over_the_border_of_the_house_and_what_stands_in_wallets(people, console, admin, fund):
    customer, owner, cashier = people.client(), people.client(), people.client()
    fund(customer, "120.50")
    wallet_service.take_money(actor=admin, user_email=customer.email, amount=2_050)
    shop(owner)
    take(owner, "40.00")                        # UPI: the house collects it
    fund(cashier, "5.00")
    shown = figures(console)
    assert (shown["came"], shown["went"]) == ("INR 165.50", "INR 20.50")
    assert (shown["liability-INR"], shown["liability-POINTS"]) == ("INR 105.00", "POINTS 0.00")


def test_yesterdays_money_does_not_count_and_reaches_wallets_all_the_same(people, console, fund, move_clock):
    move_clock(NOON - timedelta(hours=12, minutes=1) - datetime.now(UTC))
    fund(people.client(), "70.00")
    move_clock(NOON - datetime.now(UTC))
    shown = figures(console)
    assert (shown["came"], shown["liability-INR"]) == ("INR 0.00", "INR 70.00")


def test_recharges_by_state(people, console, fund):
    customer = people.client()
    fund(customer, "1000.00")
    article = plan("10.00")
    recharge(customer, article)
    for behaviour in ("fail", "silent"):
        simulated.tell(behaviour, times=1)
        recharge(customer, article)
    shown = figures(console)
    assert (shown["delivered"], shown["failed"], shown["pending"], shown["attention"]) == ("1", "1", "1", "0")


def test_overdue_instalments_and_settlements_due(people, console, admin):
    buyer, owner = people.client(), people.client()
    buy_goods(buyer, "300.00", "100.00", 3, days_ago=45)
    shop(owner)
    take(owner, "40.00")
    due = settlements.settle_by_hand(actor=owner, amount=4_000)
    shown = figures(console)
    assert (shown["overdue-count"], shown["overdue-amount"]) == ("1", "INR 100.00")
    assert shown["settlements-count"] == "1"
    settlements.mark_paid(due.id, by=admin)
    assert figures(console)["settlements-count"] == "0"


def test_the_last_proof_of_the_books(console):
    assert figures(console)["proof"] == "never"
    now = clock.now()
    Verification(id="night-1", origin=Origin.NIGHT.value, ordered_at=now, started_at=now, finished_at=now,
                 ok=False, breaks=2).create()
    assert figures(console)["proof"] == "2 broken"
    assert f"{now:%Y-%m-%d %H:%M}" in figures(console)["proved"]


def test_the_page_shows_the_same_figures_without_a_script(people, console, fund):
    fund(people.client(), "12.34")
    page = console.get("/admin/").text
    assert 'data-figure="came"><data class="money" value="12.34"' in page
    assert "Nothing waits for a person" in page
    assert "never" in page


def test_a_disputed_payment_waits_until_it_is_ticked_off_once(console, admin, people):
    event = needs_a_person(user=people.client().id)
    assert "Payment disputed" in console.get("/admin/").text
    assert event in console.get("/admin/figures/").json["listed"]
    assert console.post(f"/admin/attention/{event}/", reason="Evidence sent").status_code == 302
    page = console.get("/admin/").text
    assert "Ticked off" in page
    assert "Payment disputed" not in page
    line = StaffAction.find_one({"name": "attention.done"})
    assert (line.maker, line.subject, line.reason, line.before) == (
        admin.id, "payment:7", "Evidence sent", {"event": "payment.disputed"})
    assert Event.collection().find_one({"unseen": {"$exists": True}}) is None
    console.post(f"/admin/attention/{event}/", reason="Again")
    assert "has ticked this off already" in console.get("/admin/").text
    assert StaffAction.collection().count_documents({"name": "attention.done"}) == 1


@pytest.mark.parametrize("event_id", ["0" * 24, "nonsense"])
def test_an_event_that_is_not_there_cannot_be_ticked_off(console, event_id):
    console.post(f"/admin/attention/{event_id}/", reason="x")
    assert "Not found" in console.get("/admin/").text
    assert StaffAction.collection().count_documents({"name": "attention.done"}) == 0


def test_ticking_off_needs_the_token_of_the_form(console):
    event = needs_a_person()
    answer = console.browser.post(f"/admin/attention/{event}/", data={"reason": "x"})
    assert answer.status_code == 400
    assert "Payment disputed" in console.get("/admin/").text


def test_what_was_given_up_is_told_with_its_list(console):
    now = clock.now()
    events.record("user.registered", subject="user:1")
    Event.find_one({}).park(error="ValueError", now=now)
    GatewayEvent(id="stripe:1", gateway="stripe", type="t", body="{}", status=GatewayStatus.PARKED.value,
                 created_at=now).create()
    assert "Given up after many attempts: 2" in console.get("/admin/").text
    assert figures(console)["parked"] == "2"


def test_a_list_of_what_waits_is_cut_and_says_so(console):
    for number in range(51):
        needs_a_person(f"payment:{number}")
    page = console.get("/admin/").text
    assert page.count("Payment disputed") == 50
    assert "There are more" in page


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
    monkeypatch.setattr(console_charts, "SLOW_SECONDS", 0)
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


def test_the_newest_events_without_what_must_stay_inside(console, people):
    user = people.client()
    event = events.record("coupon.created", subject="coupon:1", user=user.id, code="SAVE20", is_active=True)
    events.record("recharge.failed", subject="recharge:4", user=user.id, amount=19_900, code="OPERATOR_DECLINED",
                  phone_number="+919812345678", provider_title="Airtel")
    newest, first, *_ = console.get("/admin/feed/").json["frames"]
    assert newest | {"event_id": "", "at": ""} == {
        "type": "EVENT", "event": "recharge.failed", "subject": "recharge:4", "user": user.id, "amount": "199.00",
        "unit": "INR", "code": "OPERATOR_DECLINED", "provider_title": "Airtel", "at": "", "event_id": ""}
    assert first["event_id"] == str(event)
    assert "SAVE20" not in json.dumps(first)


def test_an_open_page_does_not_keep_a_session_alive(console, move_clock):
    ends = Session.find_one({"console": True}).expires_at
    move_clock(NOON + timedelta(minutes=20) - datetime.now(UTC))
    for name in ("figures", "socket", "feed"):
        assert f"admin.{name}" in access.BY_ITSELF
        assert console.get(f"/admin/{name}/").status_code == 200
    assert Session.find_one({"console": True}).expires_at == ends
    console.get("/admin/")
    assert Session.find_one({"console": True}).expires_at > ends
    move_clock(NOON + timedelta(minutes=60) - datetime.now(UTC))
    answer = console.get("/admin/figures/", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_staff_who_may_not_see_figures_are_let_in_and_shown_none(app, people):
    clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_SUPPORT.value])
    console = console_of(app, clerk)
    page = console.get("/admin/")
    assert page.status_code == 200
    assert "not for your account" in page.text
    assert "data-figure" not in page.text
    for path in ("figures", "socket", "feed", "reports/purchases"):
        assert console.get(f"/admin/{path}/").status_code == 403, path
    assert console.post(f"/admin/attention/{needs_a_person()}/", reason="x").status_code == 403


def test_counting_is_bounded(monkeypatch, people, console, fund):
    monkeypatch.setattr(console_figures, "MOST_COUNTED", 2)
    buyer = people.client()
    for _ in range(3):
        buy_goods(buyer, "300.00", "100.00", 3, days_ago=45)
    assert figures(console)["overdue-count"] == "2"



"""The first page: figures that agree with what happened, what needs a person, what happens now."""
import json
from datetime import UTC, datetime, timedelta

import pytest

from aggregations import console as pipelines
from aggregations.purchase_reports import Span
from blueprints.console import access
from config import connections
from documents import clock
from documents.events import Event
from documents.gateway_events import GatewayEvent
from documents.gateway_events import Status as GatewayStatus
from documents.ledger import LedgerEntry
from documents.permissions import Permission
from documents.purchases import Purchase
from documents.recharges import Recharge
from documents.referral_rollups import ReferralRollup
from documents.sessions import Session
from documents.settlements import Settlement
from documents.staff_actions import StaffAction
from documents.verifications import Origin, Verification
from documents.wallets import Wallet
from services import console_attention, console_figures, events, kept, settlements
from services import wallets as wallet_service
from services.gateways.operators import simulated
from tests.buying import buy as buy_goods
from tests.catalogue import buy as recharge
from tests.catalogue import plan
from tests.consoling import NOON, console_of
from tests.parallel import together
from tests.queries import counted
from tests.shops import shop, take

pytestmark = pytest.mark.usefixtures("noon")


def figures(console) -> dict[str, str]:
    """The figures of the tiles without their markup."""
    lines = console.get("/admin/figures/").json["lines"]
    return {key: " ".join("".join(part.partition(">")[2] if "<" in text else text
                                  for part in text.split("<")) for text in [shown]).strip()
            for key, shown in lines.items()}


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


def test_the_sum_of_many_wallets_is_worked_out_once_in_ten_seconds(people, console, fund, monkeypatch):
    monkeypatch.setattr(kept, "SLOW_SECONDS", 0)
    fund(people.client(), "70.00")
    assert figures(console)["liability-INR"] == "INR 70.00"
    fund(people.client(), "5.00")
    assert figures(console)["liability-INR"] == "INR 70.00"
    assert connections.redis().ttl("console:liabilities") in range(1, 11)
    connections.redis().delete("console:liabilities")
    assert figures(console)["liability-INR"] == "INR 75.00"


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




def test_of_many_who_tick_off_one_does(app, people):
    event, staff = needs_a_person(), [people.admin() for _ in range(6)]
    told = together(6, lambda number: console_attention.tick_off(
        event_id=event, actor=staff[number].id, address="127.0.0.1"))
    assert sorted(type(one).__name__ for one in told) == ["Event"] + ["TickedOff"] * 5
    assert StaffAction.collection().count_documents({"name": "attention.done"}) == 1


def test_every_figure_has_its_index(app):
    now = clock.now()
    day = now - timedelta(days=1)
    asked = [
        (LedgerEntry, pipelines.crossed(console_figures.OUTSIDE, day, now)),
        (Wallet, pipelines.liability("INR")),
        (Recharge, pipelines.recharge_states(day, now)),
        (Recharge, pipelines.pending(10)),
        (Purchase, pipelines.overdue(now, 10)),
        (Settlement, pipelines.sums({"status": "PENDING"}, 10)),
        (Purchase, pipelines.shop_takings(Span(day, now), "UTC")),
        (ReferralRollup, pipelines.referred("day", "2027-01-01", "2027-02-01")),
        (Event, [{"$match": {"unseen": True}}, {"$sort": {"_id": -1}}, {"$limit": 51}]),
    ]
    plans = [_plan(document, pipeline) for document, pipeline in asked]
    assert [asked[number] for number, plan in enumerate(plans) if "COLLSCAN" in plan] == []
    covered = [number for number, plan in enumerate(plans) if "'stage': 'FETCH'" not in plan]
    assert covered == [1, 2, 7]


def _plan(document, pipeline: list[dict]) -> str:
    explained = connections.database().command("explain", {
        "aggregate": document.collection().name, "pipeline": pipeline, "cursor": {}}, verbosity="queryPlanner")
    return str(explained).partition("rejectedPlans")[0]


def test_the_page_asks_a_fixed_number_of_questions(console, people, fund):
    with counted() as before:
        console.get("/admin/figures/")
    for _ in range(3):
        buyer = people.client()
        fund(buyer, "500.00")
        recharge(buyer, plan("10.00", identifier=f"PLAN_{buyer.id}"))
        needs_a_person()
    with counted() as after:
        console.get("/admin/figures/")
    assert len(after) == len(before) < 25

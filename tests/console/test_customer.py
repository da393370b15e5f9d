"""A customer's page: the timeline in pages without a gap, schedules, sessions that staff end."""
from collections import Counter
from datetime import timedelta

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from aggregations import customers as pipelines
from config.connections import database
from documents import clock
from documents.errors import Invalid
from documents.ids import new_uuid
from documents.listing import cursor_of
from documents.messages import Message
from documents.payments import Payment
from documents.sessions import Session
from documents.staff_actions import StaffAction
from documents.tickets import Ticket
from documents.users import User
from services import (
    coupon_offers,
    customer_facts,
    customer_schedules,
    customer_timeline,
    installments,
    support,
    wallets,
)
from services.customer_schedules import State
from services.sessions import Device, open_session
from tests import buying, vouchering
from tests.buying import buy
from tests.consoling import console_of
from tests.couponing import coupon
from tests.queries import counted
from tests.referring import refer, terms

LATE = timedelta(days=70)


def url(user: User, rest: str = "") -> str:
    return f"/admin/customers/{user.id}/{rest}"


def story(people, fund) -> User:
    """A customer to whom everything happened that a timeline knows."""
    admin, user, friend = people.admin(), people.retailer(), people.client()
    fund(user, "500.00")
    terms(admin, hold_days=3)
    refer(user, friend)
    buy(user, "120.00", "40.00", 3, method="wallet")
    vouchering.buy(user)
    coupon_offers.assign(actor=admin, code=coupon().code, phone=user.phone)
    support.open_ticket(user=user, issue_type="OTHER", description="Where is my <b>money</b>?")
    open_session(user=user, device=Device(agent="Pocket browser", address="192.0.2.7"))
    Message(channel="email", to=user.email, subject="Your code", body="It is 424242", code="424242", status="queued",
            created_at=clock.now(), gives_up_at=clock.now(), secret=True).create()
    return user


def test_the_page_tells_everything(console, people, fund):
    user = story(people, fund)
    page = console.get(url(user)).text
    for shown in (user.email, "proven", "500.00", "Purchase: first instalment paid", "1 × Laptop", "Voucher",
                  "Given coupon", "Pocket browser", "192.0.2.7", "Your code", "Where is my &lt;b&gt;money", "Signup"):
        assert shown in page, shown
    assert "424242" not in page


def test_kinds_narrow_the_timeline(console, people, fund):
    user = story(people, fund)
    page = console.get(url(user, "?kind=tickets&kind=sessions")).text
    assert "Pocket browser" in page
    assert "Where is my" in page
    assert "1 × Laptop" not in page
    assert "Nothing of this kind" in console.get(url(user, "?kind=refunds")).text


def test_the_timeline_is_one_query_however_much_there_is(people, fund):
    user = story(people, fund)
    with counted() as commands:
        found = customer_timeline.page(user=user)
    assert sorted({moment.source for moment in found.moments}) == sorted(
        {"entry", "purchase", "payment", "voucher", "assignment", "reward", "session", "message", "ticket"})
    assert commands == ["find", "find", "aggregate"]    # its wallets, its browsers, and the timeline itself


@pytest.mark.parametrize("before", [None, "first", "middle"])
def test_every_source_reads_along_an_index(people, fund, before):
    user = story(people, fund)
    sources = customer_timeline.sources(user)
    assert len(sources) == 14
    for source in sources:
        position = before and pipelines.Position(clock.now(), source.rank if before == "middle" else -1, ObjectId())
        plan = str(database().command("explain", {
            "aggregate": source.collection, "pipeline": pipelines.part(source, before=position, limit=31),
            "cursor": {}}, verbosity="queryPlanner"))
        stages = [stage for stage in ("COLLSCAN", "'SORT'", "'$sort'") if stage in plan.partition("rejectedPlans")[0]]
        assert stages == [], (source.name, stages)


_MOMENTS = st.lists(st.tuples(st.sampled_from(["ticket", "message", "session", "payment", "staff_action"]),
                              st.integers(0, 1)), max_size=16)


@examples(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=_MOMENTS, size=st.integers(1, 3))
def test_pages_neither_skip_nor_repeat(people, moments, size):
    user = people.client()
    start = clock.now()
    wanted = sorted((_happen(user, source, start + timedelta(milliseconds=step)) for source, step in moments),
                    key=lambda row: row[0], reverse=True)
    seen, cursor = [], None
    while True:
        page = customer_timeline.page(user=user, cursor=cursor, limit=size)
        seen += [(moment.at, moment.source, moment.id) for moment in page.moments]
        assert len(seen) <= len(wanted), "a page was repeated"
        cursor = page.older
        if cursor is None:
            break
        assert len(page.moments) == size
    assert [row[0] for row in seen] == [row[0] for row in wanted]
    assert Counter(seen) == Counter(wanted)
    whole = customer_timeline.page(user=user, limit=100).moments
    assert seen == [(moment.at, moment.source, moment.id) for moment in whole]


def _happen(user: User, source: str, at) -> tuple:
    common = {"created_at": at}
    made = {
        "ticket": lambda: Ticket(id=_number(), user=user.id, issue_type="OTHER", description="?", updated_at=at,
                                 **common),
        "message": lambda: Message(channel="email", to=user.email, status="sent", gives_up_at=at, **common),
        "session": lambda: Session(id=new_uuid(), user=user.id, refreshed_at=at, expires_at=at + LATE, **common),
        "payment": lambda: Payment(id=new_uuid(), kind="POS", user=user.id, created_by=1, amount=1, final_amount=1,
                                   currency="INR", status="PENDING", updated_at=at, **common),
        "staff_action": lambda: StaffAction(id=new_uuid(), name="user.update", subject="user:1", user=user.id,
                                            status="done", maker=1, made_at=at),
    }[source]().create()
    return at, source, made.pk


def _number() -> int:
    return int(ObjectId().binary[-6:].hex(), 16)


@pytest.mark.parametrize("cursor", ["nonsense", "A" * 700, cursor_of({"at": "x", "rank": 1, "id": 1}, [
    ("at", -1), ("rank", 1), ("id", -1)])])
def test_a_cursor_of_somebody_elses_making_is_refused(people, console, cursor):
    user = people.client()
    with pytest.raises(Invalid):
        customer_timeline.page(user=user, cursor=cursor)
    assert console.get(url(user, f"?before={cursor}")).status_code == 400


def test_older_is_a_link_that_keeps_the_kinds(console, people):
    user = people.client()
    for _ in range(customer_timeline.PAGE + 5):
        support.open_ticket(user=user, issue_type="OTHER", description="Again")
    first = console.get(url(user, "?kind=tickets")).text
    link = first.partition('id="older" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "kind=tickets" in link
    second = console.get(link).text
    assert first.count('class="moment"') == customer_timeline.PAGE
    assert second.count('class="moment"') == 5
    assert "That is all." in second
    assert "Back to the newest" in second


def test_each_instalment_is_a_bar_that_says_its_state(console, people, move_clock):
    user = people.client()
    bought = buy(user, "120.00", "40.00", 3)
    second = bought.installments[1]
    installments.pay(actor=people.admin(), installment_id=second.id, amount=1_000, method="cash")
    states = [bar.state for bar in customer_schedules.bars(_stored(bought))]
    assert states == [State.PAID, State.PART_PAID, State.DUE]
    move_clock(timedelta(days=45))
    bars = customer_schedules.bars(_stored(bought))
    assert [bar.state for bar in bars] == [State.PAID, State.LATE, State.DUE]
    assert [bar.payable for bar in bars] == [False, True, False]
    late = bars[1]
    assert late.waivable
    assert late.fee == 300
    assert late.to_pay == 3_300
    assert late.percent == 23


def test_the_bars_are_drawn_with_words(app, people, move_clock):
    user = people.client()
    buy(user, "120.00", "40.00", 3)
    move_clock(timedelta(days=45))
    page = console_of(app, people.admin()).get(url(user)).text
    assert "<title>Instalment 1: paid, 100 % paid</title>" in page
    assert "<title>Instalment 2: late, 0 % paid</title>" in page
    assert "<strong>late</strong>" in page
    assert "<strong>due</strong>" in page
    assert "style=" not in page


def _stored(purchase) -> list[dict]:
    return purchase.collection().find_one({"_id": purchase.id})["installments"]


def test_the_facts_on_top(people, fund, move_clock):
    top, user = people.client(), people.distributor()
    terms(people.admin())
    retailer = people.retailer(parent=user)
    refer(top, user)
    refer(user, retailer)
    fund(user, "12.50")
    buy(user, "120.00", "40.00", 3)
    move_clock(timedelta(days=45))
    facts = customer_facts.of(user)
    assert [(wallet["unit"], wallet["balance"]) for wallet in facts.wallets] == [("INR", 1_250)]
    assert (facts.retailers, facts.referred, facts.overdue, facts.due) == (1, 1, 1, 8_400)
    assert [step["referrer"] for step in facts.above] == [top.id]
    assert [step["referrer"] for step in customer_facts.of(retailer).above] == [user.id, top.id]
    assert customer_facts.of(retailer).distributor["_id"] == user.id


def test_an_address_that_is_only_claimed_says_so(console, people):
    user = people.client(unproven=["phone"])
    page = console.get(url(user)).text
    assert page.count("only claimed") == 1
    assert page.count(">proven<") == 1


def test_nobody_gets_a_page_of_nobody(console):
    assert console.get("/admin/customers/999999/").status_code == 404


def test_wallets_of_both_units_are_followed(people, fund):
    user = people.retailer()
    fund(user, "1.00")
    wallets.open_wallet(owner=user.id, unit="POINTS")
    kinds = {source.name: source for source in customer_timeline.sources(user)}
    assert len(kinds["entry"].branches) == 2
    assert buying.booked()["cash"] == -100

"""The socket over the wire: who gets in, who hears what, and why it closes."""
import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.exceptions import InvalidStatus

from blueprints import tokens
from documents.payment_transactions import Status as AttemptStatus
from documents.settlements import Settlement
from services import admin_users, cashiers, events, notifications, pos, sessions, settlements, till_transactions
from services.realtime_hub import MOST_SOCKETS
from tests.shops import ask, shop, take
from tests.sockets import Realtime, login, token_of


@pytest.fixture(scope="module")
def realtime(app, settings):
    process = Realtime(settings)
    yield process
    assert process.stop() == 0


@pytest.fixture
def listen(app, realtime):
    """`listen(user)`: a client that is connected and heard so."""
    opened = []

    def start(user, **options):
        listener = realtime.connect(token_of(app, user), **options)
        opened.append(listener)
        assert listener.frame()["type"] == "CONNECTED"
        return listener

    yield start
    for listener in opened:
        listener.connection.close()


def mark(*users):
    """An event that each of these people hears; what came before it came before it on their sockets."""
    for user in users:
        event = events.record("notification.created", subject="notification:1", user=user.id, title="mark")
    return str(event)


def kinds(frames):
    return [frame["type"] for frame in frames]


def test_a_payment_is_heard_by_its_till_its_owner_and_its_payer_and_by_nobody_else(people, fund, listen):
    owner, cashier, customer, rival, admin = *(people.client() for _ in range(4)), people.admin()
    merchant = shop(owner)
    shop(rival)
    cashiers.add(owner=owner, email=cashier.email)
    fund(customer, "150.00")
    hears = {user.id: listen(user) for user in (owner, cashier, customer, rival, admin)}
    payment = ask(owner)
    pos.scan(user=customer, payment_id=payment.id)
    pos.pay(user=customer, payment_id=payment.id)
    heard = {user.id: hears[user.id].until(mark(user))[:-1] for user in (owner, cashier, customer, rival, admin)}
    update = {"type": "PAYMENT_UPDATE", "payment_id": payment.id, "amount": "100.00", "final_amount": "100.00"}
    bare = {person: [{**frame, "event_id": None} for frame in frames] for person, frames in heard.items()}
    told = [{**update, "status": status, "event_id": None} for status in ("PENDING", "SCANNED", "SUCCESS")]
    assert bare[owner.id] == [*told, {"type": "KPI_UPDATE", "event_id": None}]
    assert bare[cashier.id] == told
    assert bare[customer.id] == told[-1:]
    assert heard[rival.id] == heard[admin.id] == []
    assert merchant.id
    assert len({frame["event_id"] for frame in heard[owner.id]}) == 4


def test_settlements_notices_and_coupons(people, listen):
    owner, admin = people.client(), people.admin()
    merchant = shop(owner)
    take(owner, "40.00")
    listener = listen(owner)
    settlement = settlements.settle_by_hand(actor=owner, amount=4_000)
    settlements.mark_paid(settlement.id, by=admin)
    notice = notifications.record_once("n1", user=owner.id, kind="SETTLEMENT", title="Settlement Paid", message="₹40")
    facts = {"code": "DIWALI", "is_active": True, "used_count": 1, "usage_limit": None}
    events.record("coupon.redeemed", subject="coupon:12", user=owner.id, merchant=merchant.id, **facts)
    events.record("coupon.redeemed", subject="coupon:13")       # of nobody here
    frames = [{name: value for name, value in frame.items() if name != "event_id"}
              for frame in listener.until(mark(owner))[:-1]]
    update = {"type": "SETTLEMENT_UPDATE", "settlement_id": settlement.id, "amount": "40.00"}
    assert frames == [
        {**update, "status": "PENDING"}, {**update, "status": "PAID"},
        {"type": "NEW_NOTIFICATION", "message": "Settlement Paid", "notification_id": notice.id},
        {"type": "COUPON_UPDATE", "action": "USED", "coupon_id": "12", **facts}]
    assert Settlement.get(settlement.id).status == "PAID"


@pytest.mark.parametrize("way", ["query", "subprotocol", "lone subprotocol", "first message", "bare first message"])
def test_each_way_to_bring_a_token(app, people, realtime, way):
    user = people.client()
    token = token_of(app, user)
    options = {"query": {"token": token}, "subprotocol": {"subprotocols": ["purser", token]},
               "lone subprotocol": {"subprotocols": [token]}}.get(way, {})
    with realtime.connect(**options) as listener:
        if way.endswith("first message"):
            listener.connection.send(token if way.startswith("bare") else json.dumps({"token": token}))
        assert listener.frame()["user"] == user.id
        assert listener.connection.subprotocol == {"subprotocol": "purser", "lone subprotocol": token}.get(way)


def test_the_users_and_merchants_that_a_client_names_give_it_nothing(people, listen):
    owner, spy = people.client(), people.client()
    merchant = shop(owner)
    listener = listen(spy, query=f"user={owner.id}&merchant={merchant.id}")
    ask(owner)
    assert kinds(listener.until(mark(owner, spy))) == ["NEW_NOTIFICATION"]


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "refresh"])
def test_bad_tokens_are_told_so(app, people, realtime, token):
    if token == "refresh":
        signed_in = sessions.open_session(user=people.client(), device=sessions.Device())
        with app.app_context():
            token = tokens.session_reply(signed_in)["refresh"]
    with realtime.connect() as listener:
        listener.connection.send(json.dumps({"token": token}))
        assert listener.closed()[0] == 4401


def test_who_says_nothing_is_sent_away(realtime):
    with realtime.connect() as listener:
        assert listener.closed() == (4408, "No token within 5 seconds")


def test_a_message_that_is_too_big_ends_it(people, realtime, listen):
    with realtime.connect() as stranger:
        stranger.connection.send("x" * 10_000)
        assert stranger.closed()[0] == 1009
    listener = listen(people.client())
    listener.connection.send("x" * 10_000)
    assert listener.closed()[0] == 1009


def test_what_ends_a_login_closes_its_sockets_and_no_others(app, people, realtime, listen):
    user, admin = people.client(), people.admin()
    token, sid = login(app, user)
    with realtime.connect(token) as listener:
        assert listener.frame()["type"] == "CONNECTED"
        other = listen(user)
        sessions.end(sid=sid, user_id=user.id)
        assert listener.closed() == (4401, "Session ended")
    other.until(mark(user))
    admin_users.delete(manager=admin, user_id=user.id)
    assert other.closed() == (4401, "Session ended")
    with realtime.connect(token) as listener:
        assert listener.closed()[0] == 4401


def test_a_cashier_hears_the_till_from_when_it_may_to_when_it_may_not(people, listen):
    owner, cashier = people.client(), people.client()
    shop(owner)
    listener = listen(cashier)
    ask(owner)
    cashiers.add(owner=owner, email=cashier.email)
    heard = []
    while "PAYMENT_UPDATE" not in kinds(heard):     # the rights arrive after the commit that gives them
        ask(owner)
        heard = listener.until(mark(cashier))
    cashiers.remove(owner=owner, user_id=cashier.id)
    while "PAYMENT_UPDATE" in kinds(heard):
        ask(owner)
        heard = listener.until(mark(cashier))
    paid_nothing = ask(owner)
    assert paid_nothing.id not in {frame.get("payment_id") for frame in listener.until(mark(cashier))}


@pytest.mark.parametrize(("origin", "gets_in"), [
    (None, True), ("http://localhost:3000", True), ("https://evil.example", False),
    ("http://localhost:3000.evil.example", False), ("null", False)])
def test_pages_of_other_origins_stay_out(app, people, realtime, origin, gets_in):
    token = token_of(app, people.client())
    if gets_in:
        with realtime.connect(token, origin=origin) as listener:
            assert listener.frame()["type"] == "CONNECTED"
        return
    with pytest.raises(InvalidStatus) as caught:
        realtime.connect(token, origin=origin)
    assert caught.value.response.status_code == 403


def test_one_person_cannot_take_every_place(app, people, realtime, listen):
    user = people.client()
    for _ in range(MOST_SOCKETS):
        listen(user)
    with realtime.connect(token_of(app, user)) as one_more:
        assert one_more.closed() == (4429, "Too many sockets")
    listen(people.client())


@pytest.mark.parametrize(("path", "status"), [
    ("/ws/realtime/", 426), ("/ws/realtime", 426), ("/ws/", 404), ("/api/health/", 404)])
def test_plain_requests_are_answered(realtime, path, status):
    with pytest.raises(HTTPError) as caught:
        urlopen(f"http://127.0.0.1:{realtime.port}{path}")
    with caught.value as reply:
        assert (reply.status, json.load(reply)["status"]) == (status, status)


def test_an_unknown_position_is_told_to_read_anew_and_hears_the_rest(app, people, realtime):
    user = people.client()
    for unknown in ("nonsense", "0" * 24, "%7B%22$ne%22:1%7D", "0" * 24 + ".99"):
        with realtime.connect(token_of(app, user), query=f"last_event_id={unknown}") as listener:
            assert [listener.frame()["type"] for _ in range(2)] == ["CONNECTED", "RESYNC"]
            assert listener.until(mark(user))[-1]["type"] == "NEW_NOTIFICATION"


def test_a_stopped_process_says_goodbye_and_the_next_one_goes_on(app, people, settings):
    user, token = people.client(), None
    first = Realtime(settings)
    token = token_of(app, user)
    listener = first.connect(token)
    last = listener.until(mark(user))[-1]["event_id"]
    assert first.stop() == 0
    assert listener.closed()[0] == 1001
    missed = [mark(user) for _ in range(3)]
    second = Realtime(settings)
    try:
        with second.connect(token, last=last) as listener:
            assert listener.frame() == {"type": "CONNECTED", "user": user.id, "event_id": last}
            assert [frame["event_id"] for frame in listener.until(missed[-1])] == missed
    finally:
        second.stop()


def test_attempts_to_pay_are_told_to_the_till(people, listen):
    owner = people.client()
    shop(owner)
    payment = ask(owner)
    listener = listen(owner)
    opened = till_transactions.open_for(user=owner, payment_id=payment.id).transaction
    till_transactions.update(user=owner, transaction_id=opened.id, status=AttemptStatus.FAILED)
    told = [(frame["payment_id"], frame["status"]) for frame in listener.until(mark(owner))[:-1]]
    assert told == [(payment.id, "TRANSACTION_CREATED"), (payment.id, "TRANSACTION_UPDATED")]

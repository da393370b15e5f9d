"""The feed of staff over the wire: every event, for those who may read the reports, and only while they may."""
import json

import pytest

from documents import clock
from documents.events import Event
from documents.gateway_events import GatewayEvent, Status
from documents.permissions import Permission
from documents.sessions import Session
from documents.users import User
from services import events, staff
from services.realtime_staff import StaffFeed
from tests.consoling import console_of
from tests.sockets import Realtime, token_of

STAFF = "feed=staff"


@pytest.fixture(scope="module")
def realtime(app, settings):
    process = Realtime(settings)
    yield process
    assert process.stop() == 0


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def token(app, admin):
    """What the console hands to its page."""
    return console_of(app, admin).get("/admin/socket/").json["token"]


@pytest.fixture
def listen(realtime, token):
    """`listen()`: a page of the console that is connected and heard so."""
    opened = []

    def start(last=None, **options):
        listener = realtime.connect(options.pop("token", token), last=last, query=STAFF, **options)
        opened.append(listener)
        assert listener.frame()["type"] == "CONNECTED"
        return listener

    yield start
    for listener in opened:
        listener.connection.close()


def happened(type_="recharge.succeeded", subject="recharge:4", **facts):
    return str(events.record(type_, subject=subject, **facts))


def test_every_event_without_what_could_be_used(listen):
    page = listen()
    first = happened("coupon.created", "coupon:1", user=5, merchant=2, code="SAVE20", is_active=True)
    second = happened("reward.credited", "reward:9", user=5, reward_value=2_500, reward_unit="POINTS", role="referrer")
    frames = page.until(second)
    wanted = {frame["event_id"]: frame for frame in frames if frame["event_id"] in (first, second)}
    assert {key: {**frame, "at": ""} for key, frame in wanted.items()} == {
        first: {"type": "EVENT", "event": "coupon.created", "subject": "coupon:1", "user": 5, "merchant": 2,
                "at": "", "event_id": first},
        second: {"type": "EVENT", "event": "reward.credited", "subject": "reward:9", "user": 5, "amount": "25.00",
                 "unit": "POINTS", "reward_unit": "POINTS", "role": "referrer", "at": "", "event_id": second}}
    assert "SAVE20" not in json.dumps(frames)


def test_a_page_that_comes_back_gets_what_it_has_missed_once(listen):
    page = listen()
    first = happened()
    page.until(first)
    page.connection.close()
    missed = [happened(subject=f"recharge:{number}") for number in range(3)]
    again = listen(last=first)
    assert [frame["event_id"] for frame in again.until(missed[-1])] == missed


def test_a_place_that_is_too_old_is_answered_with_resync(listen):
    page = listen(last="5f0000000000000000000000")
    assert page.frame()["type"] == "RESYNC"


def test_what_is_given_up_is_told(listen):
    page = listen()
    now = clock.now()
    page.until(happened("user.registered", "user:1"))
    Event.find_one({}).park(error="boom", now=now)
    GatewayEvent(id="stripe:evt_1", gateway="stripe", type="t", body="{}", status=Status.WAITING.value, due_at=now,
                 created_at=now).create()
    GatewayEvent.postpone("stripe:evt_1", error="boom", due_at=None)
    told = [(frame["event"], frame["subject"]) for frame in page.until(happened())]
    assert told[-3:-1] == [("event.parked", f"event:{Event.find_one({'type': 'user.registered'}).id}"),
                           ("gateway_event.parked", "gateway_event:stripe:evt_1")]


def test_whoever_may_not_read_reports_hears_nothing(app, realtime, people):
    clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_SUPPORT.value])
    for person in (clerk, people.client(), people.distributor()):
        assert realtime.connect(token_of(app, person), query=STAFF).closed() == (4403, "Not for this account")


def test_an_admins_own_login_hears_it_too_and_a_token_of_the_console_hears_ones_own_without_the_query(
        app, admin, realtime, listen, token):
    page = listen(token=token_of(app, User.get(admin.id)))
    page.until(happened())
    with realtime.connect(token) as own:
        assert own.frame()["type"] == "CONNECTED"
        happened()
        mark = str(events.record("notification.created", subject="notification:1", user=admin.id, title="mark"))
        assert [frame["type"] for frame in own.until(mark)] == ["NEW_NOTIFICATION"]


def test_the_token_of_the_socket_opens_no_door_of_the_api(client, token):
    answer = client.get("/api/auth/profile/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert client.post("/api/auth/token/refresh/", json={"refresh": token}).status_code == 401


def test_the_end_of_the_console_session_ends_its_feed(listen, admin):
    page = listen()
    Session.end_all(admin.id)
    assert page.closed() == (4401, "Session ended")


def test_who_is_staff_no_longer_hears_no_more(app, people, admin, listen):
    clerk = people.client(is_staff=True)
    page = listen(token=console_of(app, clerk).get("/admin/socket/").json["token"])
    staff.withdraw(actor=admin, user_id=clerk.id, address="127.0.0.1")
    assert page.closed() == (4401, "Session ended")


def test_nothing_is_followed_while_nobody_listens(app):
    feed = StaffFeed()
    with feed.followed() as hub, feed.followed() as same:
        assert same is hub
        running = feed._feed
    assert running._stopped.is_set()
    assert feed._feed is None
    with feed.followed() as fresh:
        assert fresh is not hub

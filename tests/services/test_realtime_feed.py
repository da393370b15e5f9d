"""The change stream: what it takes from the database, and how it goes on when that refuses."""
import pytest

from documents.events import Event
from documents.merchants import Cashier, Merchant
from services import cashiers, events, sessions
from services.realtime_feed import Feed
from services.realtime_frames import WRITERS, frames_of, shop_channel, till_channel, user_channel
from services.realtime_hub import Code, End, Hub, Signal, Subscriber
from services.sessions import Device
from tests.shops import shop

SECONDS = 20


@pytest.fixture
def hub(app):
    return Hub()


@pytest.fixture
def feed(hub):
    """A feed that does not run yet."""
    made = Feed(hub)
    yield made
    made.stop()


def listener(hub, user, sid="sid", *channels):
    one = Subscriber(user=user.id, sid=sid, channels=channels or (user_channel(user.id),))
    hub.join(one)
    hub.listen(one)
    return one


def note(user, title="Hello"):
    return str(events.record("notification.created", subject="notification:1", user=user.id, title=title))


def until(one, wanted):
    """What the subscriber is told up to the frame `wanted`."""
    heard = []
    while wanted not in heard:
        item = one.next(SECONDS)
        assert item is not None, f"{wanted} never came"
        heard.append(getattr(item, "id", item))
    return heard


def test_what_gives_or_takes_rights_reaches_the_person_concerned(people, hub, feed):
    owner, cashier = people.client(), people.client()
    sid = sessions.open_session(user=cashier, device=Device()).session.id
    of_owner, of_cashier = listener(hub, owner), listener(hub, cashier, sid)
    feed.start()
    for user, one in ((owner, of_owner), (cashier, of_cashier)):
        until(one, note(user))
    shop(owner)
    cashiers.add(owner=owner, email=cashier.email)
    cashiers.remove(owner=owner, user_id=cashier.id)
    assert until(of_owner, note(owner))[:-1] == [Signal.RECHECK]
    assert until(of_cashier, note(cashier))[:-1] == [Signal.RECHECK] * 2
    sessions.end(sid=sid, user_id=cashier.id)
    assert of_cashier.next(SECONDS) == End(Code.UNAUTHENTICATED, "Session ended")


def test_a_stream_that_cannot_go_on_starts_anew_and_says_so(people, hub, feed, caplog):
    user = people.client()
    one = listener(hub, user)
    feed._position = {"resume_after": {"_data": "a position that no oplog has"}}
    feed.start()
    assert '"RESYNC"' in one.next(SECONDS).text
    until(one, note(user))
    assert "starts anew" in caplog.text


def test_an_event_that_makes_no_frame_stops_no_other(people, hub, feed, caplog):
    user = people.client()
    one = listener(hub, user)
    feed.start()
    events.record("payment.succeeded", subject="payment:1", user=user.id, status="NO SUCH STATUS")
    until(one, note(user))
    assert "cannot be read" in caplog.text


def test_a_document_from_another_hand_stops_nothing(people, hub, feed, caplog):
    user = people.client()
    one = listener(hub, user)
    feed.start()
    Cashier.collection().insert_one({"_id": "no-user-in-it"})
    Merchant.collection().insert_one({"_id": -1}, bypass_document_validation=True)
    until(one, note(user))
    for told in ("cashiers no-user-in-it cannot be read", "merchants -1 cannot be read"):
        assert told in caplog.text


def test_a_process_that_starts_remembers_the_last_minutes(people, hub, feed):
    user = people.client()
    first, second = note(user), note(user)
    feed.start()
    one = listener(hub, user)
    third = note(user)
    until(one, third)
    back = Subscriber(user=user.id, sid="sid", channels=one.channels)
    assert hub.resume(back, first)
    assert until(back, third) == [second, third]


@pytest.mark.parametrize("type_", sorted(WRITERS))
def test_frames_go_to_their_people_and_have_ids_of_their_own(type_):
    data = {"status": "SUCCESS", "amount": 1_000, "final_amount": 900, "title": "Hello", "code": "X"}
    kind = type_.partition(".")[0]
    row = Event(type=type_, subject=f"{kind}:7", user=3, merchant=5, data=data).to_mongo() | {"_id": "e"}
    frames = frames_of(row)
    assert [frame.id for frame in frames] == ["e", "e.1"][:len(frames)]
    whole = {"payment": {user_channel(3), till_channel(5)}, "coupon": {user_channel(3), shop_channel(5)},
             "settlement": {shop_channel(5)}, "notification": {user_channel(3)}}
    assert frames[0].channels == whole[kind]
    assert all(frame.channels == {shop_channel(5)} for frame in frames[1:])


def test_what_concerns_nobody_makes_no_frame():
    assert frames_of({"_id": "e", "type": "settlement.paid", "subject": "settlement:7", "user": 3, "merchant": None,
                      "data": {"status": "PAID", "amount": 1}}) == []
    assert frames_of({"_id": "e", "type": "recharge.failed", "subject": "recharge:7", "user": 3, "data": {}}) == []

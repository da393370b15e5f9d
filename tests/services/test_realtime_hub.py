"""The hub by itself: order, bounds, and places to come back to."""
from bson import ObjectId

from services.realtime_frames import make
from services.realtime_hub import LONGEST_QUEUE, Code, End, Frame, Hub, Signal, Subscriber


def frame(*channels):
    return make(str(ObjectId()), {"type": "TEST"}, *(channels or ("user:1",)))


def subscriber(hub, user=1, *channels):
    one = Subscriber(user=user, sid=f"sid-{user}", channels=channels or (f"user:{user}",))
    assert hub.join(one)
    return one


def queued(one):
    return [one.queue.get_nowait() for _ in range(one.queue.qsize())]


def published(hub, count):
    frames = [frame() for _ in range(count)]
    for each in frames:
        hub.publish(each)
    return frames


def test_a_frame_reaches_a_socket_once_however_many_of_its_channels_it_has():
    hub = Hub()
    both = subscriber(hub, 1, "user:1", "till:5")
    hub.listen(both)
    sent = frame("user:1", "till:5")
    for _ in range(2):
        hub.publish(sent)
    assert queued(both) == [sent]


def test_resuming_gives_what_came_after_in_order_then_what_comes():
    hub = Hub()
    first, *rest = published(hub, 4)
    hub.publish(frame("user:2"))
    late = subscriber(hub)
    assert hub.resume(late, first.id)
    news = published(hub, 2)
    assert queued(late) == [*rest, *news]


def test_a_place_that_is_still_to_come_is_waited_for():
    hub = Hub()
    ahead = frame()
    waiting = subscriber(hub)
    assert not hub.resume(waiting, ahead.id)
    published(hub, 2)
    hub.publish(ahead)
    assert queued(waiting) == []
    after = published(hub, 2)
    hub.resync(waiting, ahead.id)       # too late to matter
    assert queued(waiting) == after


def test_a_place_that_is_forgotten_is_answered_with_reading_anew():
    hub = Hub(remembered=3)
    gone, *_ = published(hub, 4)
    late = subscriber(hub)
    assert not hub.resume(late, gone.id)
    hub.resync(late, gone.id)
    resync, = queued(late)
    assert '"RESYNC"' in resync.text
    newest = published(hub, 1)
    assert queued(late) == newest
    assert hub.resume(again := subscriber(hub), resync.id)
    assert queued(again) == newest


def test_before_anything_has_happened_there_is_a_place_to_come_back_to():
    hub = Hub()
    place = hub.listen(subscriber(hub))
    missed = published(hub, 2)
    back = subscriber(hub)
    assert hub.resume(back, place)
    assert queued(back) == missed


def test_who_is_too_slow_is_cut_off_and_costs_no_more():
    hub = Hub()
    slow = subscriber(hub)
    hub.listen(slow)
    published(hub, LONGEST_QUEUE + 50)
    *frames, end = queued(slow)
    assert (len(frames), end) == (LONGEST_QUEUE, End(Code.TOO_SLOW, "Too slow"))


def test_who_has_left_is_forgotten_everywhere():
    hub = Hub()
    listening, waiting = subscriber(hub), subscriber(hub)
    hub.listen(listening)
    hub.resume(waiting, str(ObjectId()))
    for one in (listening, waiting):
        hub.leave(one)
    published(hub, 1)
    assert (len(hub), queued(listening), queued(waiting)) == (0, [], [])
    assert not hub._listeners
    assert not hub._waiting
    assert not hub._users


def test_a_gap_is_told_to_everybody_once_and_ends_all_waiting():
    hub = Hub()
    old, = published(hub, 1)
    listening, waiting = subscriber(hub), subscriber(hub)
    hub.listen(listening)
    hub.resume(waiting, str(ObjectId()))
    hub.lost()
    news = published(hub, 1)
    for one in (listening, waiting):
        resync, *rest = queued(one)
        assert '"RESYNC"' in resync.text
        assert rest == news
    assert not hub.resume(subscriber(hub), old.id)


def test_new_rights_hold_from_the_next_frame_also_for_who_waits():
    hub = Hub()
    ahead, listening, waiting = frame("user:9"), subscriber(hub), subscriber(hub)
    hub.listen(listening)
    hub.resume(waiting, ahead.id)
    for one in (listening, waiting):
        hub.rewire(one, frozenset({"till:5"}))
    hub.publish(ahead)
    hub.publish(frame("user:1"))
    seen = frame("till:5")
    hub.publish(seen)
    assert queued(listening) == queued(waiting) == [seen]


def test_sessions_and_rechecks_concern_their_own_sockets_only():
    hub = Hub()
    anna, ben = subscriber(hub, 1), subscriber(hub, 2)
    hub.recheck(1)
    hub.end_session("sid-1")
    assert queued(anna) == [Signal.RECHECK, End(Code.UNAUTHENTICATED, "Session ended")]
    assert queued(ben) == []
    assert isinstance(frame(), Frame)

"""From a commit to a worker: one Redis command, lost without harm, and never more than one dispatcher asked for."""
import pytest
from redis import Redis

import jobs.dispatch
import jobs.messages
from config import connections
from config.logging import request_id
from documents.events import Event
from documents.messages import Message
from documents.notifications import Notification
from documents.transactions import atomic
from jobs.queues import NOTIFY, queue
from jobs.wakeups import DISPATCH_AWAKE
from services import dispatch, events, messages, notices
from tests.ports import free_port


def record(user):
    return events.record("user.registered", subject=f"user:{user.id}", user=user.id)


@pytest.fixture
def no_redis(app, monkeypatch):
    """Redis is away: nobody answers at its address."""
    with Redis(port=free_port(), socket_connect_timeout=1) as nobody:
        monkeypatch.setattr(connections, "_redis", nobody)
        yield


def test_many_commits_ask_for_one_dispatcher(people):
    user = people.client()
    for _ in range(5):
        record(user)
    jobs_waiting = queue(NOTIFY).jobs
    assert [job.func_name for job in jobs_waiting] == ["jobs.dispatch.dispatch"]


def test_a_transaction_gives_the_hint_once_however_much_it_records(people, monkeypatch):
    user, given = people.client(), []
    monkeypatch.setattr(events._recorded, "_listeners", [lambda: given.append(1)])

    @atomic
    def several():
        for _ in range(3):
            record(user)

    several()
    assert given == [1]


def test_nothing_is_woken_for_a_transaction_that_fails(people):
    user = people.client()

    @atomic
    def fail():
        record(user)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert queue(NOTIFY).jobs == []


def test_an_event_committed_while_the_dispatcher_falls_asleep_is_not_lost(people, monkeypatch):
    user = people.client()
    record(user)
    real = Redis.delete

    def commit_just_before(redis, *names):
        if names == (DISPATCH_AWAKE,):
            monkeypatch.setattr(Redis, "delete", real)
            record(user)
        return real(redis, *names)

    monkeypatch.setattr(Redis, "delete", commit_just_before)
    for _ in range(2):      # the event, then the one that its notice has made
        jobs.dispatch.dispatch()
    assert Notification.collection().count_documents({}) == 1
    jobs.dispatch.dispatch()
    assert Notification.collection().count_documents({}) == 2


def test_a_crowd_of_events_is_worked_off_a_batch_a_job(people, monkeypatch):
    user = people.client()
    for _ in range(3):
        record(user)
    monkeypatch.setattr(jobs.dispatch, "BATCH", 2)
    for told, waiting in ((2, 1), (3, 1), (3, 1), (3, 0)):      # three events, and one of each notice
        queue(NOTIFY).empty()
        jobs.dispatch.dispatch()
        assert Notification.collection().count_documents({}) == told
        assert len(queue(NOTIFY).jobs) == waiting
    record(user)
    assert len(queue(NOTIFY).jobs) == 1, "nobody was awake, so the commit woke one"


def test_without_redis_requests_go_on_and_the_sweepers_find_everything(people, no_redis):
    user = people.client()
    record(user)
    messages.send(channel="email", to=user.email, body="Hello")
    jobs.dispatch.sweep()
    jobs.messages.sweep()
    assert Notification.collection().count_documents({}) == 1
    assert Message.collection().distinct("status") == ["sent"]


def test_a_dispatcher_that_died_awake_stops_nobody_for_long(people):
    record(people.client())
    assert 0 < connections.redis().ttl(DISPATCH_AWAKE) <= 10
    connections.redis().delete("rq:queue:notify")
    jobs.dispatch.sweep()
    assert Event.owed(before=Event.find_one({}).created_at, limit=1) == []


def test_a_failing_consequence_does_not_fail_the_job(people, monkeypatch):
    record(people.client())
    monkeypatch.setitem(dispatch.CONSEQUENCES, "user.registered", (lambda _event: 1 / 0, notices.welcome))
    jobs.dispatch.dispatch()
    event = Event.find_one({})
    assert (event.attempts, event.error) == (1, "ZeroDivisionError: division by zero")


def test_a_job_carries_the_id_of_the_request_that_woke_it(people):
    user = people.client()
    token = request_id.set("a-request")
    try:
        record(user)
    finally:
        request_id.reset(token)
    assert queue(NOTIFY).jobs[0].meta == {"request_id": "a-request"}

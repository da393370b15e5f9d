"""The jobs page: queues, workers, failures, the schedule, what waits, the proof; and every click in the audit list."""
from datetime import timedelta

import pytest
from bson import ObjectId
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from config import connections
from documents import clock
from documents.events import Event
from documents.gateway_events import GatewayEvent
from documents.job_runs import JobRun
from documents.staff_actions import StaffAction
from documents.verifications import Verification
from jobs.cron import scheduler
from jobs.queues import MONEY, QUEUES, REPORTS, hint, queue
from jobs.schedule import SCHEDULE
from services import backlog, recharge_janitor, verifications
from tests.ports import free_port

FOLLOW_UP = "jobs.recharges.follow_up"


@pytest.fixture
def failing(app, monkeypatch):
    """Three jobs that failed, as a worker leaves them."""
    def fail():
        raise ConnectionError("operator said <b>no</b>")

    with monkeypatch.context() as broken:
        broken.setattr(recharge_janitor, "follow_up_due", fail)
        for _ in range(3):
            hint(MONEY, FOLLOW_UP)
        return work(MONEY)


def work(name):
    """Do what waits in this queue, in this process; the ids of the jobs."""
    ids = queue(name).job_ids
    for job in queue(name).jobs:
        queue(name).remove(job)
        queue(name).run_sync(job)
    return ids


def lines():
    return [(line.name, line.subject) for line in StaffAction.find({}, sort=[("_id", 1)])]


def test_queues_show_their_length_and_the_oldest_wait(console):
    for _ in range(2):
        hint(MONEY, FOLLOW_UP)
    page = console.get("/admin/jobs/").text
    assert all(f'<td data-label="Queue">{name}</td>' in page for name in QUEUES)
    assert '<td data-label="Queue">money</td><td data-label="Waiting">2</td>' in page


def test_workers_show_what_they_do(console, settings):
    with Redis.from_url(settings.redis_url) as own:
        worker = SimpleWorker([queue(MONEY)], connection=own, serializer=JSONSerializer)
        worker.register_birth()
        hint(MONEY, FOLLOW_UP)
        worker.set_current_job_id(queue(MONEY).job_ids[0])
        worker.set_state("busy")
        page = console.get("/admin/jobs/").text
    assert "busy" in page
    assert "jobs.recharges.follow_up()" in page


def test_looking_at_workers_leaves_the_patience_of_this_process_alone(console, settings):
    with Redis.from_url(settings.redis_url) as own:
        SimpleWorker([queue(MONEY)], connection=own, serializer=JSONSerializer).register_birth()
    before = connections.redis().connection_pool.connection_kwargs["socket_timeout"]
    console.get("/admin/jobs/")
    assert connections.redis().connection_pool.connection_kwargs["socket_timeout"] == before


def test_a_failed_job_shows_its_call_and_its_error_as_text(console, failing):
    assert "3 failed" in console.get("/admin/jobs/").text
    page = console.get("/admin/jobs/failed/money/").text
    assert "jobs.recharges.follow_up()" in page
    assert "ConnectionError: operator said &lt;b&gt;no&lt;/b&gt;" in page
    assert page.count("<details>") == 3
    assert "Traceback (most recent call last)" in page


def test_one_is_retried_and_then_gone_from_the_list(console, failing):
    answer = console.post("/admin/jobs/failed/money/retry/", id=failing[0])
    assert answer.status_code == 302
    assert queue(MONEY).job_ids == [failing[0]]
    assert console.get("/admin/jobs/failed/money/").text.count("<details>") == 2
    assert lines() == [("job.retry", f"job:{failing[0]}")]


def test_a_second_click_is_told_and_starts_nothing(console, failing):
    console.post("/admin/jobs/failed/money/retry/", id=failing[0])
    console.post("/admin/jobs/failed/money/retry/", id=failing[0])
    assert queue(MONEY).job_ids == [failing[0]]
    assert "Somebody else has started or forgotten this job." in console.get("/admin/jobs/").text


def test_all_are_retried_with_one_line(console, failing):
    console.post("/admin/jobs/failed/money/retry/")
    assert sorted(queue(MONEY).job_ids) == sorted(failing)
    assert lines() == [("job.retry_all", "job:money")]
    assert "Started again: 3." in console.get("/admin/jobs/").text


def test_one_is_forgotten(console, failing):
    console.post("/admin/jobs/failed/money/forget/", id=failing[1])
    assert failing[1] not in queue(MONEY).failed_job_registry.get_job_ids()
    assert lines() == [("job.forget", f"job:{failing[1]}")]
    assert "No failed jobs here" in console.get("/admin/jobs/failed/notify/").text


def test_failures_come_in_pages(console, monkeypatch, failing):
    monkeypatch.setattr("blueprints.console.queues.PAGE", 2)
    first = console.get("/admin/jobs/failed/money/").text
    assert first.count("<details>") == 2
    assert 'rel="next"' in first
    assert console.get("/admin/jobs/failed/money/?page=1").text.count("<details>") == 1
    assert console.get("/admin/jobs/failed/money/?page=x").status_code == 200


def test_the_schedule_shows_every_job_though_no_clock_ever_ran(console):
    page = console.get("/admin/jobs/").text
    assert all(f"<code class=\"small text-body\">{job.function}</code>" in page for job in SCHEDULE)
    assert "No clock is running" in page
    assert "not yet" in page


def test_five_clocks_show_one_truth(console):
    clocks = [scheduler(connections.redis()) for _ in range(5)]
    for number, running in enumerate(clocks):
        running.name = f"clock:{number}"
        running.register_birth()
        running.enqueue_jobs()
        running.save()
    work(REPORTS)
    page = console.get("/admin/jobs/").text
    assert "5 clocks running" in page
    assert page.count("jobs.ledger.seal</code>") == 1
    assert JobRun.collection().count_documents({}) == len([job for job in SCHEDULE
                                                           if job.queue == REPORTS and job.seconds])
    seal = page.partition("jobs.ledger.seal</code>")[2].partition("</tr>")[0]
    assert "done" in seal
    assert seal.count("<time") == 2     # its last and its next run


def test_a_run_that_fails_is_told_until_one_succeeds(console, monkeypatch):
    running = scheduler(connections.redis())
    monkeypatch.setattr(recharge_janitor, "follow_up_due", lambda: 1 / 0)
    running.enqueue_jobs()
    work(MONEY)
    assert "ZeroDivisionError: division by zero" in console.get("/admin/jobs/").text
    monkeypatch.setattr(recharge_janitor, "follow_up_due", lambda: None)
    console.post("/admin/jobs/failed/money/retry/")
    work(MONEY)
    assert JobRun.find_one({"_id": "recharges-follow-up"}).ok
    assert "ZeroDivisionError" not in console.get("/admin/jobs/").text


def test_without_redis_the_page_says_so_and_shows_the_rest(console, monkeypatch):
    with Redis.from_url(f"redis://127.0.0.1:{free_port()}") as nobody:
        monkeypatch.setattr(connections, "_redis", nobody)
        answer = console.get("/admin/jobs/")
        assert answer.status_code == 200
        assert "Redis is away" in answer.text
        assert "jobs.ledger.seal" in answer.text
        assert console.get("/admin/jobs/failed/money/").status_code == 503


def parked_event(**facts):
    now = clock.now()
    return Event(id=ObjectId(), type="recharge.succeeded", subject="recharge:9", created_at=now, attempts=12,
                 error="KeyError: 'plan'", **facts).create()


def test_a_parked_event_is_owed_again(console):
    event = parked_event(parked_at=clock.now())
    page = console.get("/admin/jobs/").text
    assert "KeyError: &#39;plan&#39;" in page
    console.post("/admin/jobs/events/retry/", id=str(event.id))
    event = Event.get(event.id)
    assert (event.parked_at, event.attempts) == (None, None)
    assert event.due_at <= clock.now()
    assert lines() == [("event.retry", f"event:{event.id}")]


def test_an_event_that_waits_after_a_failure_is_due_at_once(console):
    event = parked_event(due_at=clock.now() + timedelta(hours=1))
    assert "waiting" in console.get("/admin/jobs/").text
    console.post("/admin/jobs/events/retry/", id=str(event.id))
    assert Event.get(event.id).due_at <= clock.now()


@pytest.mark.parametrize("chosen", ["", "x", "0" * 24])
def test_an_event_that_does_not_wait_is_refused(console, chosen):
    done = parked_event(dispatched_at=clock.now())
    for event_id in (chosen, str(done.id)):
        console.post("/admin/jobs/events/retry/", id=event_id)
    assert Event.get(done.id).due_at is None
    assert lines() == []


def test_a_gateways_parked_webhook_waits_again(console):
    GatewayEvent(id="stripe:evt_1", gateway="stripe", type="charge.refunded", body="{}", status="parked", attempts=20,
                 error="No such payment", created_at=clock.now()).create()
    assert "charge.refunded" in console.get("/admin/jobs/").text
    console.post("/admin/jobs/gateway-events/retry/", id="stripe:evt_1")
    event = GatewayEvent.get("stripe:evt_1")
    assert (event.status, event.attempts) == ("waiting", 0)
    assert event.due_at <= clock.now()
    assert lines() == [("gateway_event.retry", "gateway_event:stripe:evt_1")]


def test_the_proof_is_ordered_watched_and_shown(console):
    assert "Never proved yet" in console.get("/admin/jobs/").text
    assert console.post("/admin/jobs/verify/").status_code == 302
    page = console.get("/admin/jobs/").text
    assert "Waiting for a worker" in page
    assert 'id="proof"' in page
    assert console.get("/admin/jobs/verification/").json["open"] is True
    console.post("/admin/jobs/verify/")
    assert "proved already" in console.get("/admin/jobs/").text
    assert [job.func_name for job in queue(REPORTS).jobs] == ["jobs.ledger.verify"]
    work(REPORTS)
    assert console.get("/admin/jobs/verification/").json == {"open": False, "done": 0, "planned": 0}
    page = console.get("/admin/jobs/").text
    assert "Right, " in page
    assert Verification.latest().id in page
    shown = console.get(f"/admin/verifications/details/?id={Verification.latest().id}").text
    assert "every entry balances" in shown
    assert [name for name, _ in lines()] == ["ledger.verify"]


def test_a_broken_book_is_told(console, monkeypatch):
    Verification(id="night-2026-01-01", origin="night", ordered_at=clock.now(), finished_at=clock.now(), ok=False,
                 breaks=3).create()
    assert "Broken, " in console.get("/admin/jobs/").text
    assert verifications.Verification.latest().breaks == 3


def test_what_waits_is_found_along_small_indexes(app):
    database = connections.database()
    database.command("profile", 2)
    try:
        backlog.counts()
        backlog.troubled_events()
        backlog.troubled_gateway_events()
    finally:
        database.command("profile", 0)
    plans = [row["planSummary"] for row in database["system.profile"].find({"planSummary": {"$exists": True}})]
    database["system.profile"].drop()
    assert len(plans) == 10
    assert all(plan.startswith("IXSCAN") for plan in plans), plans

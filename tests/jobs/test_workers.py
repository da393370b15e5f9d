"""The real thing: RQ's own workers and the clock as separate processes, on the test servers."""
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from rq.cron import CronScheduler
from rq.job import Job
from rq.serializers import JSONSerializer

from config import connections
from documents import clock
from documents.events import Event
from documents.messages import Message
from documents.notifications import Notification
from jobs.cron import scheduler
from jobs.queues import NOTIFY, QUEUES, queue
from jobs.schedule import SCHEDULE
from services import events, notifications
from services.gateways.messages.outbox_file import OutboxFile
from tests.installations import attached

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(settings):
    """What a process of this installation finds in its environment."""
    return attached(settings)


@pytest.fixture(autouse=True)
def nothing_left_behind(app):
    """The suite only empties what this process wrote to; here other processes write too."""
    yield
    for document in (Event, Message, Notification):
        document.collection().delete_many({})


def work(environment):
    """Let a worker such as the Procfile's do all that is queued."""
    return subprocess.run(
        [sys.executable, "-m", "rq.cli", "worker", "--burst", "--serializer", "rq.serializers.JSONSerializer",
         "--worker-class", "jobs.pool.Worker", "--url", environment["REDIS_URL"], *QUEUES],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)


def test_from_a_commit_through_two_jobs_to_the_outbox(people, environment, settings):
    OutboxFile(settings.data_dir).path.unlink(missing_ok=True)
    notifications.change_settings(flags={"email": True})
    user = people.client(first_name="Anna")
    events.record("user.registered", subject=f"user:{user.id}", user=user.id)
    done = work(environment)
    assert Notification.find_one({"user": user.id}).title == "Welcome to Our Platform!", done.stderr
    assert Event.find_one({}).dispatched_at is not None
    assert Message.find_one({}).status == "sent"
    assert OutboxFile(settings.data_dir).newest(user.email)["subject"] == "Welcome to Our Platform!"


def test_five_clocks_do_each_thing_once(people, environment):
    user = people.client()
    for number in range(3):
        events.record("user.registered", subject=f"user:{number}", user=user.id)
    connections.redis().flushdb()
    for _ in range(5):
        scheduler(connections.redis()).enqueue_jobs()
    assert len(queue(NOTIFY).jobs) >= 5
    work(environment)
    assert Notification.collection().count_documents({}) == 3
    assert Event.collection().count_documents({"dispatched_at": None}) == 0


def test_the_clock_writes_json_and_never_pickle(app):
    scheduler(connections.redis()).enqueue_jobs()
    for name in QUEUES:
        for job_id in queue(name).job_ids:
            job = Job.fetch(job_id, connection=connections.redis(), serializer=JSONSerializer)
            assert job.func_name in {row.function for row in SCHEDULE}
            assert job.get_status() == "queued"


def test_the_clock_is_rqs_own_scheduler(app):
    assert isinstance(scheduler(connections.redis()), CronScheduler)
    assert {job.name for job in scheduler(connections.redis()).get_jobs()} == {row.name for row in SCHEDULE}


@pytest.mark.parametrize("row", SCHEDULE, ids=lambda row: row.name)
def test_every_row_of_the_schedule_names_a_task_and_one_rhythm(row):
    module, _, name = row.function.rpartition(".")
    assert hasattr(getattr(import_module(module), name), "__wrapped__")
    assert (row.seconds is None) != (row.cron is None)
    assert row.queue in QUEUES


def test_a_demos_workers_follow_its_clock(people, environment, settings):
    events.record("something.else", subject="thing:1")
    file = settings.data_dir / clock.FILE_NAME
    file.write_text("86400")
    try:
        work(environment | {"DEBUG": "1"})
    finally:
        file.unlink()
    event = Event.find_one({})
    assert event.dispatched_at - event.created_at >= timedelta(days=1)

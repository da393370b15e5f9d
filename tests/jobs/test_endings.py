"""Workers and the clock: told to end at any moment, whatever else happens then, they do."""
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rq import Worker

from config import connections
from jobs.queues import queue
from tests.installations import attached, eventually, of_this_run

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30
soon = functools.partial(eventually, seconds=PATIENCE_SECONDS)
QUEUE = "tests-pool"
STRUCK = """
import os, signal, sys
from jobs import pool

mother, calls = os.getpid(), 0

def strike():
    open("{mark}", "w").close()
    {blow}
original = {owner}.{name}

def struck(*arguments, **options):
    global calls
    calls += 1
    if "{side}" == "before" and calls == {call}:
        strike()
    done = original(*arguments, **options)
    if "{side}" == "after" and calls == {call}:
        strike()
    return done

{owner}.{name} = struck
"""
ONE_DIES = """
handle = pool.Pool._install_signal_handlers

def handle_with_a_loss(self):
    handle(self)
    os.kill(next(iter(self.worker_dict.values())).pid, signal.SIGKILL)

pool.Pool._install_signal_handlers = handle_with_a_loss
"""
RUN = f"""
import sys
from jobs import pool
sys.argv[1:] = ["2", "{QUEUE}"]
pool.main()
"""
CLOCK_LOSES_REDIS_AS_IT_ENDS = """
import os, signal
from redis.exceptions import ConnectionError
from rq import cron_scheduler_registry
from jobs import cron

def unregister(*_arguments):
    raise ConnectionError("away")

cron_scheduler_registry.unregister = unregister
cron.Clock.heartbeat = lambda self: os.kill(os.getpid(), signal.SIGTERM)
cron.Clock.enqueue_jobs = lambda self: []
cron.main()
"""
REDIS_IS_AWAY = """
import os, pathlib
from redis.exceptions import ConnectionError
from jobs import pool

def dequeue_any(*_arguments, **_options):
    (pathlib.Path(os.environ["DATA_DIR"]) / "away").touch()
    raise ConnectionError("away")

pool.Worker.queue_class.dequeue_any = dequeue_any
"""
MOMENTS = [
    "before pool.Pool.start 1", "before pool.Pool.start_worker 1", "after pool.Pool.start_worker 1",
    "after pool.Pool.start_worker 2", "after pool.Pool._install_signal_handlers 1",
    "before pool.Pool.start_worker 3", "after pool.Pool.start_worker 3",
    "before pool._work 1", "before pool.Worker.__init__ 1", "after pool.Worker.bootstrap 1",
    "after pool.Worker._install_signal_handlers 1"]
BLOWS = {
    "the pool": "os.kill(mother, signal.SIGTERM)",
    "the whole group": "os.killpg(mother, signal.SIGTERM)",
    "the pool, by force": "os.kill(mother, signal.SIGKILL)"}


@pytest.fixture
def start(settings, tmp_path) -> Iterator[Callable[[str], subprocess.Popen]]:
    """Starts Python with some code in a group of its own; what is left of it at the end is killed."""
    started: list[subprocess.Popen] = []
    environ = attached(settings, DATA_DIR=str(tmp_path))

    def run(code: str) -> subprocess.Popen:
        started.append(subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environ, start_new_session=True))
        return started[-1]

    yield run
    for pid in of_this_run(tmp_path):
        os.kill(pid, signal.SIGKILL)
    for process in started:
        process.wait()


def workers_of(process: subprocess.Popen) -> list[Worker]:
    return [worker for worker in Worker.all(queue=queue(QUEUE)) if in_group(worker.pid, process.pid)]


def in_group(pid: int, group: int) -> bool:
    try:
        return os.getpgid(pid) == group
    except ProcessLookupError:
        return False


@pytest.mark.parametrize("blow", BLOWS.values(), ids=BLOWS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_no_worker_outlives_a_pool_that_ends_while_it_starts(start, moment, blow, tmp_path):
    mark = tmp_path / "struck"
    side, place, call = moment.split()
    owner, _, name = place.rpartition(".")
    code = STRUCK.format(owner=owner, name=name, side=side, call=call, blow=blow, mark=mark)
    start(code + (ONE_DIES if call == "3" else "") + RUN)
    assert soon(mark.exists)
    assert soon(lambda: not of_this_run(tmp_path))


def test_a_worker_that_died_is_replaced_and_the_pool_ends_in_good_order(app, start, tmp_path):
    process = start(RUN)
    assert soon(lambda: len(workers_of(process)) == 2)
    lost = workers_of(process)[0].pid
    os.kill(lost, signal.SIGKILL)
    assert soon(lambda: len({worker.pid for worker in workers_of(process)} - {lost}) == 2)
    os.killpg(process.pid, signal.SIGTERM)      # every worker hears of it twice: so do honcho and Docker's init
    assert process.wait(PATIENCE_SECONDS) == 0
    assert of_this_run(tmp_path) == []


def test_a_job_is_finished_however_often_the_worker_is_told_to_end(app, start, tmp_path):
    started, finished = "tests-pool-started", "tests-pool-finished"
    queue(QUEUE).enqueue("tests.jobs.test_endings.wait_for_word", args=(started, finished))
    process = start(RUN)
    redis = connections.redis()
    assert soon(lambda: redis.exists(started) == 1)
    pid, told_first = int(redis.get(started)), time.monotonic()
    while time.monotonic() - told_first < 1.5:      # RQ itself takes what comes a second after the first for haste
        os.kill(pid, signal.SIGTERM)
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)
    redis.lpush("tests-pool-word", "go on")
    assert soon(lambda: not of_this_run(tmp_path))
    assert redis.get(finished) == b"yes"


def wait_for_word(started: str, finished: str) -> None:
    """A job that ends when the test says so."""
    from redis import Redis

    redis = Redis.from_url(os.environ["REDIS_URL"])
    redis.set(started, os.getpid())
    redis.blpop("tests-pool-word", timeout=PATIENCE_SECONDS)
    redis.set(finished, "yes")


def test_an_idle_worker_ends_without_redis(app, start, tmp_path):
    process = start(REDIS_IS_AWAY + RUN)
    assert soon((tmp_path / "away").exists)
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert of_this_run(tmp_path) == []


def test_the_clock_ends_even_if_redis_goes_at_the_same_moment(start, tmp_path):
    process = start(CLOCK_LOSES_REDIS_AS_IT_ENDS)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert of_this_run(tmp_path) == []

"""The workers: `python -m jobs.pool 2 money reports` runs two for these queues until SIGINT or SIGTERM.

`rq worker-pool` itself loses its workers when it is told to end while one is being started: whoever forks before
handlers stand leaves orphans behind, or waits for a worker that never heard the signal. This is its pool without that,
and without the scheduler beside each worker: nothing here is enqueued for later (jobs/schedule.py).
"""
import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker, WorkerStatus
from rq.worker_pool import ForkProcess, WorkerPool

from config import children, embedded
from config.settings import Settings

ENDINGS = (signal.SIGINT, signal.SIGTERM)
LOG_LEVEL = "WARNING"
"""RQ says a dozen lines a job otherwise; what fails is logged by jobs/runtime.py."""


class Worker(SimpleWorker):
    """RQ's worker that does its jobs itself and, told to end, ends before the next one.

    RQ raises an exception wherever the signal finds an idle worker: a job just taken from the queue is lost then, and
    code that swallows the exception makes the worker go on for good.
    """

    dequeue_timeout = 1
    """Seconds that an idle worker may take to see that it was told to end: Linux may give the signal to another thread
    of this process, and then the one that waits for Redis goes on waiting."""
    max_connection_wait_time = 5
    """Seconds between two tries to reach Redis, which is as long as it may take then."""

    def request_stop(self, *_signal: Any) -> None:
        """Have this worker end before its next job."""
        self._stop_requested = True

    def heartbeat(self, *arguments: Any, **options: Any) -> None:
        """Say that this worker lives; RQ does so before it waits for a job and while it waits."""
        if self._stop_requested and self.get_state() == WorkerStatus.IDLE:
            raise StopRequested
        super().heartbeat(*arguments, **options)


class Pool(WorkerPool):
    """RQ's pool, which can be told to end at any moment, and whose workers end with it even when it is killed."""

    def start_worker(self, *_arguments: Any, **_options: Any) -> None:
        """Start one worker, unless the pool has been told to end since it was found missing."""
        with _endings_blocked():
            if self.status is not self.Status.STOPPED:
                super().start_worker()

    def get_worker_process(self, name: str, *_arguments: Any, **_options: Any) -> ForkProcess:
        """A process that is going to be the worker `name`."""
        return ForkProcess(target=_work, args=(children.tie_to_parent(), name, self._queue_names, self.connection))


@contextmanager
def _endings_blocked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(tie: Callable[[], None] | None, name: str, queues: list[str], connection: Redis) -> None:
    """Be a worker. Until RQ's handlers stand, a signal simply ends this process: it has no job yet."""
    for signum in ENDINGS:
        signal.signal(signum, signal.SIG_DFL)
    if tie:
        tie()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    Worker(queues, name=name, connection=connection, serializer=JSONSerializer).work(logging_level=LOG_LEVEL)


def main() -> None:
    """Run the pool that the command line describes."""
    parser = argparse.ArgumentParser(prog="python -m jobs.pool", description="Run workers until told to end.")
    parser.add_argument("workers", type=int, help="how many processes")
    parser.add_argument("queues", nargs="+", help="their queues, the most urgent first")
    given = parser.parse_args()
    settings = embedded.attach(Settings.load())
    Pool(given.queues, connection=Redis.from_url(settings.redis_url), num_workers=given.workers).start(
        logging_level=LOG_LEVEL)


if __name__ == "__main__":
    main()

"""What every job runs in: a process connected once, and a log line when it fails."""
import functools
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, TypeVar

from pymongo.errors import PyMongoError
from rq import get_current_job

from config import connections, embedded, settings
from config import logging as log_setup
from config.logging import request_id
from config.settings import Settings, SettingsError
from documents import clock
from documents.job_runs import JobRun
from jobs import wakeups

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)
_lock = threading.Lock()


def task(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` an entry point for a worker: JSON arguments only, safe to run twice."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        connect()
        token = request_id.set(_cause())
        started_at = clock.now()
        try:
            result = function(*args, **kwargs)
            _note(started_at)
            return result
        except Exception as error:
            log.exception("Job %s.%s failed", function.__module__, function.__qualname__)
            _note(started_at, f"{type(error).__name__}: {error}")
            raise
        finally:
            request_id.reset(token)

    return run


def _cause() -> str | None:
    """The id of the request that woke this job, or the job's own when the clock did."""
    job = get_current_job()
    return (job.meta.get("request_id") or job.id) if job is not None else request_id.get()


def _note(started_at: datetime, error: str | None = None) -> None:
    """Remember the run, if the schedule asked for it."""
    job = get_current_job()
    name = job.meta.get("schedule") if job is not None else None
    if name is None:
        return
    try:
        JobRun.note(name, started_at=started_at, finished_at=clock.now(), error=error)
    except PyMongoError as lost:
        log.warning("The run of %s was not noted: %s", name, lost)


def connect() -> None:
    """Give this process its settings and clients, unless it has them. Workers do so at their first job."""
    with _lock:
        try:
            settings.current()
        except SettingsError:
            loaded = embedded.attach(Settings.load())
            settings.use(loaded)
            log_setup.configure()
            connections.connect(loaded)
            if loaded.debug:
                clock.follow(loaded.data_dir / clock.FILE_NAME)
            wakeups.listen()

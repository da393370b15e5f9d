"""The schedule with the last and the next run of each job, whichever of the clocks and workers has it."""
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from rq.cron import CronScheduler

from config import connections
from documents import clock
from documents.job_runs import JobRun

SILENT = timedelta(minutes=2)
"""A clock says every minute that it runs."""


class Recurring(Protocol):
    """A row of jobs/schedule.py."""

    name: str
    function: str
    queue: str
    seconds: int | None
    cron: str | None


class Line(NamedTuple):
    job: Recurring
    last: JobRun | None
    next_at: datetime | None
    """Absent when no clock runs."""


def lines(schedule: Iterable[Recurring], clocks: Sequence[CronScheduler]) -> list[Line]:
    """The schedule in its order: of several clocks, the one that is first says when the next run is."""
    runs = {run.id: run for run in JobRun.find({})}
    following: dict[str, datetime] = {}
    for job in (job for running in clocks for job in running.get_jobs()):
        at = shown(job.next_enqueue_time) or clock.now()
        following[job.name] = min(at, following.get(job.name, at))
    return [Line(job, runs.get(job.name), following.get(job.name)) for job in schedule]


def clocks() -> list[CronScheduler]:
    """The clocks that run. Raises RedisError."""
    known = CronScheduler.all(connections.redis(), cleanup=False)
    return [running for running in known if (running.last_heartbeat or datetime.min.replace(tzinfo=UTC))
            > datetime.now(UTC) - SILENT]


def shown(at: datetime | None) -> datetime | None:
    """A moment of RQ's, which knows the machine's time only, on the clock that demos move."""
    if at is None:
        return None
    ahead = timedelta(seconds=round((clock.now() - datetime.now(UTC)).total_seconds()))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) + ahead

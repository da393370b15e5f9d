"""The clock: `python -m jobs.cron` puts what jobs/schedule.py lists onto the queues, until it is told to stop.

`rq cron` itself pickles the jobs it enqueues, and ends when Redis is away; this is its scheduler without the two.
"""
import logging
import time
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from config import connections
from jobs.queues import FAILURE_KEPT_SECONDS
from jobs.runtime import connect
from jobs.schedule import SCHEDULE, Scheduled

REDIS_PAUSE_SECONDS = 5
"""Between two tries to reach Redis."""
DAY_SECONDS = 86_400

log = logging.getLogger(__name__)


class JsonCronJob(CronJob):
    """A recurring job that workers which never unpickle can read."""

    def enqueue(self, connection: Redis) -> Job:
        return Queue(self.queue_name, connection=connection, serializer=JSONSerializer).enqueue(
            self.func_name, **self.job_options)


class Clock(CronScheduler):
    """RQ's scheduler, which remembers that it was told to end.

    Redis may go away at the same moment, and its error then takes the place of the signal's exception.
    """

    told_to_end = False

    def _request_stop(self, *signal: Any) -> None:
        self.told_to_end = True
        super()._request_stop(*signal)


def scheduler(connection: Redis, schedule: tuple[Scheduled, ...] = SCHEDULE) -> Clock:
    """RQ's scheduler over `schedule`. An interval's first run is now: after a stop, catching up does not wait."""
    made = Clock(connection=connection)
    made._cron_jobs.extend(
        JsonCronJob(queue_name=row.queue, func_name=row.function, name=row.name, interval=row.seconds, cron=row.cron,
                    meta={"schedule": row.name},
                    job_timeout=row.timeout, result_ttl=0, failure_ttl=FAILURE_KEPT_SECONDS,
                    # Without workers, runs would pile up: one that has waited for its successor is dropped.
                    ttl=row.seconds or DAY_SECONDS)
        for row in schedule)
    return made


def main() -> None:
    """Run until SIGINT or SIGTERM, through any outage of Redis."""
    connect()
    clock = scheduler(connections.redis())
    with suppress(StopRequested):       # told during a pause; while it works it hears of it itself
        while not clock.told_to_end:
            try:
                clock.start()
            except RedisError as error:
                log.warning("The clock lost Redis: %s", error)
                if not clock.told_to_end:
                    time.sleep(REDIS_PAUSE_SECONDS)


if __name__ == "__main__":
    main()

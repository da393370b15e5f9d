"""The clock: `python -m jobs.cron` puts what jobs/schedule.py lists onto the queues, until it is told to stop.

`rq cron` itself pickles the jobs it enqueues, and ends when Redis is away; this is its scheduler without the two.
"""
import logging
import time

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
DAY_SECONDS = 86_400

log = logging.getLogger(__name__)


class JsonCronJob(CronJob):
    """A recurring job that workers which never unpickle can read."""

    def enqueue(self, connection: Redis) -> Job:
        return Queue(self.queue_name, connection=connection, serializer=JSONSerializer).enqueue(
            self.func_name, **self.job_options)


def scheduler(connection: Redis, schedule: tuple[Scheduled, ...] = SCHEDULE) -> CronScheduler:
    """RQ's scheduler over `schedule`. An interval's first run is now: after a stop, catching up does not wait."""
    made = CronScheduler(connection=connection)
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
    while True:
        try:
            return scheduler(connections.redis()).start()
        except RedisError as error:
            log.warning("The clock waits for Redis: %s", error)
        try:
            time.sleep(REDIS_PAUSE_SECONDS)
        except (KeyboardInterrupt, StopRequested):
            return None


if __name__ == "__main__":
    main()

"""From events to their consequences."""
from config import connections
from jobs.runtime import task
from jobs.wakeups import AWAKE_SECONDS, DISPATCH_AWAKE
from services import dispatch as service

BATCH = 100


@task
def dispatch() -> None:
    """Work off what is owed. While it runs, commits need not wake another; it looks once more after falling asleep."""
    redis = connections.redis()
    while service.dispatch_pending(limit=BATCH):
        redis.expire(DISPATCH_AWAKE, AWAKE_SECONDS)
    redis.delete(DISPATCH_AWAKE)
    service.dispatch_pending(limit=BATCH)


@task
def sweep() -> None:
    """Find the events whose wake-up was lost, and the ones whose consequences failed before."""
    while service.dispatch_pending(limit=BATCH):
        pass

"""From events to their consequences."""
from config import connections
from jobs.runtime import task
from jobs.wakeups import AWAKE_SECONDS, DISPATCH_AWAKE
from services.dispatch import dispatch_pending

BATCH = 100


@task
def dispatch() -> None:
    """Work off what is owed. While it runs, commits need not wake another; once asleep, it looks once more."""
    redis = connections.redis()
    while dispatch_pending(limit=BATCH):
        redis.expire(DISPATCH_AWAKE, AWAKE_SECONDS)
    # An event committed before this line found us awake and woke nobody: the second look is for that one.
    redis.delete(DISPATCH_AWAKE)
    sweep()


@task
def sweep() -> None:
    """Find the events whose wake-up was lost, and the ones whose consequences failed before."""
    while dispatch_pending(limit=BATCH):
        pass

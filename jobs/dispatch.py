"""From events to their consequences, a batch a job: codes and mails behind it in the queue do not wait for a crowd."""
from config import connections
from jobs.queues import NOTIFY, hint
from jobs.runtime import task
from jobs.wakeups import AWAKE_SECONDS, DISPATCH_AWAKE, wake_dispatcher
from services.dispatch import dispatch_pending

BATCH = 100


@task
def dispatch() -> None:
    """Work off a batch and queue up for the next. While there is one, commits need not wake another dispatcher."""
    worked = dispatch_pending(limit=BATCH)
    if not worked:
        # An event committed before this line found us awake and woke nobody: the second look is for that one.
        connections.redis().delete(DISPATCH_AWAKE)
        worked = dispatch_pending(limit=BATCH)
    if worked:
        connections.redis().set(DISPATCH_AWAKE, 1, ex=AWAKE_SECONDS)
        hint(NOTIFY, "jobs.dispatch.dispatch")


@task
def sweep() -> None:
    """Find the events whose wake-up was lost, and the ones whose consequences failed before."""
    if dispatch_pending(limit=BATCH):
        wake_dispatcher()

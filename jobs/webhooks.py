"""Outgoing webhooks."""
from config import connections
from jobs.runtime import task
from jobs.wakeups import HOOKS_AWAKE
from services import webhook_delivery

LONGEST_RUN_SECONDS = 60
"""Well below the time-out of a job, with the longest attempt on top."""


@task
def deliver() -> None:
    """Deliver what is due. Any number of these may run; each attempt is made by one of them."""
    connections.redis().delete(HOOKS_AWAKE)
    webhook_delivery.deliver_due(seconds=LONGEST_RUN_SECONDS)

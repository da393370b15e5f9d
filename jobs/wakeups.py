"""From a commit to a worker in a millisecond; what gets lost here is found by the sweepers."""
import logging

from redis.exceptions import RedisError

from config import connections
from jobs.queues import HOOKS, LONG_TIMEOUT_SECONDS, NOTIFY, REPORTS, hint
from services import coupon_batches, events, messages, verifications, webhook_delivery

DISPATCH_AWAKE = "purser:dispatch-awake"
HOOKS_AWAKE = "purser:hooks-awake"
AWAKE_SECONDS = 10
"""How long a dispatcher that died keeps others from being woken; the sweeper does not look at it."""

log = logging.getLogger(__name__)


def listen() -> None:
    """Let commits of this process wake the workers; repeating it changes nothing."""
    events.on_recorded(wake_dispatcher)
    messages.on_queued(wake_delivery)
    coupon_batches.on_ordered(wake_batches)
    webhook_delivery.on_queued(wake_hooks)
    verifications.on_ordered(wake_verifier)


def wake_dispatcher() -> None:
    """Start the dispatcher unless one is awake: one Redis command on the hot path, however many events there are."""
    try:
        asleep = connections.redis().set(DISPATCH_AWAKE, 1, nx=True, ex=AWAKE_SECONDS)
    except RedisError as error:
        log.warning("The dispatcher was not woken: %s", error)
        return
    if asleep:
        hint(NOTIFY, "jobs.dispatch.dispatch")


def wake_delivery(message_id: str) -> None:
    """One job a message, so that a slow mail server does not hold up the messages behind it."""
    hint(NOTIFY, "jobs.messages.deliver", message_id)


def wake_batches() -> None:
    """Begin to make the codes that somebody has just ordered."""
    hint(REPORTS, "jobs.coupons.make_batches")


def wake_verifier() -> None:
    """Begin the proof of the books that somebody has just ordered."""
    hint(REPORTS, "jobs.ledger.verify", timeout=LONG_TIMEOUT_SECONDS)


def wake_hooks() -> None:
    """Send webhooks, unless a job that will is on its way already."""
    try:
        asleep = connections.redis().set(HOOKS_AWAKE, 1, nx=True, ex=AWAKE_SECONDS)
    except RedisError as error:
        log.warning("Webhooks were not woken: %s", error)
        return
    if asleep:
        hint(HOOKS, "jobs.webhooks.deliver")

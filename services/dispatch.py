"""From events to their consequences: each exactly once, because the mark and what it is for commit together."""
import logging
from collections.abc import Callable
from datetime import timedelta

from bson import ObjectId

from documents import clock
from documents.events import Event
from documents.transactions import atomic
from documents.webhook_endpoints import WebhookEndpoint
from services import (
    installment_notices,
    merchant_notices,
    notices,
    reward_events,
    web_push,
    webhook_delivery,
    webhook_endpoints,
)
from services.backoff import pause_after

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS = 12
"""About three hours of trying; then an operator has to look."""

Handler = Callable[[Event], None]

CONSEQUENCES: dict[str, tuple[Handler, ...]] = {
    "user.registered": (notices.welcome,),
    "user.deleted": (web_push.forget_person,),
    "recharge.succeeded": (notices.recharge_succeeded, reward_events.recharge_paid),
    "recharge.failed": (notices.recharge_failed,),
    "ticket.updated": (notices.ticket_updated,),
    "installment.paid": (installment_notices.receipt,),
    "installment.fee_waived": (installment_notices.fee_waived,),
    "purchase.paid": (installment_notices.fully_paid,),
    "purchase.created": (reward_events.order_paid,),
    "referral.applied": (reward_events.count_referral,),
    "reward.credited": (reward_events.count_reward, reward_events.reward_credited),
    "reward.revoked": (reward_events.count_reward, reward_events.reward_revoked),
    "payment.succeeded": (reward_events.payment_paid, merchant_notices.payment_received),
    "payment.refunded": (reward_events.payment_refunded,),
    "notification.created": (web_push.push_notice,),
    "settlement.created": (merchant_notices.settlement_created,),
    "settlement.paid": (merchant_notices.settlement_paid,),
}
"""Event type -> what follows. A handler runs in the transaction that marks its event: it only touches the database."""

log = logging.getLogger(__name__)


def dispatch_pending(*, limit: int) -> int:
    """Work off up to `limit` owed events, oldest first; returns how many it looked at. Any number may run at once."""
    owed = Event.owed(before=clock.now(), limit=limit)
    endpoints = webhook_endpoints.active() if owed else []
    following = [event for event in owed
                 if event.type in CONSEQUENCES or webhook_delivery.is_wanted(event, endpoints)]
    Event.take_all({event.id for event in owed} - {event.id for event in following}, clock.now())
    for event in following:
        _attempt(event, endpoints)
    return len(owed)


def _attempt(event: Event, endpoints: list[WebhookEndpoint]) -> None:
    try:
        _dispatch(event.id, endpoints)
    except Exception as error:  # noqa: BLE001 one event with a broken consequence must not hold up the others
        log.exception("Event %s (%s) was not dispatched", event.id, event.type)
        _put_back(event, f"{type(error).__name__}: {error}")


@atomic
def _dispatch(event_id: ObjectId, endpoints: list[WebhookEndpoint]) -> None:
    event = Event.take(event_id, clock.now())
    if event is None:
        return
    for handler in CONSEQUENCES.get(event.type, ()):
        handler(event)
    webhook_delivery.queue(event, endpoints)


def _put_back(event: Event, error: str) -> None:
    attempts = (event.attempts or 0) + 1
    if attempts >= MAX_ATTEMPTS:
        event.park(error=error, now=clock.now())
        return
    pause = pause_after(attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    event.put_back(error=error, due_at=clock.now() + pause)

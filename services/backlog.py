"""What waits in the database to be worked off, and starting again what was given up."""
from typing import NamedTuple

from bson import ObjectId

from documents import clock
from documents.base import Document
from documents.errors import NotFound
from documents.events import Event
from documents.gateway_events import GatewayEvent, Status
from documents.messages import Message, MessageStatus
from documents.transactions import atomic
from documents.users import User
from documents.webhook_deliveries import WebhookDelivery
from services import staff_actions

COUNTED_TO = 10_000
LISTED = 25
LONGEST_QUERY_MS = 2_000


class Backlog(NamedTuple):
    """Counts stop at `COUNTED_TO`."""

    owed: int
    """Events whose consequences are not recorded yet."""
    parked: int
    """Events that were given up, for an operator."""
    gateway_waiting: int
    gateway_parked: int
    messages: int
    deliveries: int
    """Webhooks that are not delivered yet."""


def counts() -> Backlog:
    """How much waits, each answered by a small partial index."""
    return Backlog(
        owed=_count(Event, {"due_at": {"$exists": True}}),
        parked=_count(Event, {"parked_at": {"$exists": True}}),
        gateway_waiting=_count(GatewayEvent, {"due_at": {"$exists": True}}),
        gateway_parked=_count(GatewayEvent, {"status": Status.PARKED.value}),
        messages=_count(Message, {"status": MessageStatus.QUEUED.value, "due_at": {"$exists": True}}),
        deliveries=_count(WebhookDelivery, {"due_at": {"$exists": True}}))


def troubled_events() -> list[Event]:
    """The events that were given up, then those that wait for their next attempt; a few of each."""
    parked = Event.find({"parked_at": {"$exists": True}}, sort=[("parked_at", -1)], limit=LISTED)
    failing = Event.find({"due_at": {"$gt": clock.now()}}, sort=[("due_at", 1)], limit=LISTED)
    return [*parked, *failing]


def troubled_gateway_events() -> list[GatewayEvent]:
    """The gateways' webhooks that were given up, then those that wait for their next attempt; a few of each."""
    parked = GatewayEvent.find({"status": Status.PARKED.value}, sort=[("created_at", -1)], limit=LISTED)
    waiting = GatewayEvent.find({"due_at": {"$gt": clock.now()}}, sort=[("due_at", 1)], limit=LISTED)
    return [*parked, *waiting]


@atomic
def retry_event(*, event_id: ObjectId, actor: User, address: str) -> None:
    """Have an event dispatched again; the sweeper finds it within a minute. Raises NotFound when it waits no more."""
    event = Event.owe_again(event_id, clock.now())
    if event is None:
        raise NotFound
    staff_actions.record(name="event.retry", subject=f"event:{event_id}", user=event.user, actor=actor.id,
                         address=address, before={"error": event.error or ""})


@atomic
def retry_gateway_event(*, event_id: str, actor: User, address: str) -> None:
    """Have a gateway's webhook applied again, as `retry_event`."""
    event = GatewayEvent.wait_again(event_id, clock.now())
    if event is None:
        raise NotFound
    staff_actions.record(name="gateway_event.retry", subject=f"gateway_event:{event_id}", actor=actor.id,
                         address=address, before={"error": event.error or ""})


def _count(document: type[Document], match: dict) -> int:
    return document.collection().count_documents(match, limit=COUNTED_TO, maxTimeMS=LONGEST_QUERY_MS)

"""Sending events to endpoints: signed by Standard Webhooks, tried for three days, nobody waiting for anybody else."""
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from bson import ObjectId
from standardwebhooks import Webhook

from config import settings
from documents import clock, money
from documents.errors import NotFound
from documents.events import Event
from documents.listing import Listing
from documents.transactions import current_session
from documents.users import User
from documents.webhook_deliveries import Attempt, Status, WebhookDelivery
from documents.webhook_endpoints import WebhookEndpoint
from services import events, webhook_endpoints
from services.gateways import webhooks
from services.wakeups import Wakeup

PAUSES = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
          timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)]
"""Between attempts: three days in all, and up to a fifth more by jitter."""
GIVE_UP_AFTER = timedelta(days=3)
JITTER = 0.2
GONE = 410
THREADS = 32
THREADS_PER_ENDPOINT = 4
POLL_SECONDS = 0.25
TEST = "webhook.test"
MONEY = frozenset({"amount", "final_amount", "refund_amount", "discount", "net", "gross", "fee"})

_queued: Wakeup[[]] = Wakeup()


def on_queued(waker: Callable[[], None]) -> None:
    """Call `waker` after each commit that queued deliveries. It must not raise: the sweeper is the guarantee."""
    _queued.listen(waker)


def queue(event: Event, endpoints: Sequence[WebhookEndpoint]) -> None:
    """Queue an event for those of `endpoints` that want it, in the transaction that marks it as dispatched."""
    wanting = [endpoint.id for endpoint in endpoints if is_wanted(event, [endpoint])]
    if wanting:
        rows = [_row(event, endpoint_id) for endpoint_id in wanting]
        WebhookDelivery.collection().insert_many(rows, session=current_session())
        _queued.after_commit()


def is_wanted(event: Event, endpoints: Sequence[WebhookEndpoint]) -> bool:
    return any(webhook_endpoints.wants(endpoint, event.type, event.merchant, event.created_at)
               for endpoint in endpoints)


def deliver_due(*, seconds: float) -> int:
    """Deliver what is due until nothing is, for about `seconds` at most; returns how many attempts that were.

    Endpoints have a few threads each, so that a slow receiver delays only itself.
    """
    end, done = time.monotonic() + seconds, 0
    running: dict[Future, int] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while time.monotonic() < end:
            started = _start_due(pool, running)
            if not running:
                break
            finished, _ = wait(running, timeout=0 if started else POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                del running[future]
                done += future.result()
    return done + sum(future.result() for future in running)


def attempt(delivery_id: ObjectId) -> bool:
    """Make one attempt, unless somebody else does; says whether it was made."""
    delivery = WebhookDelivery.claim(delivery_id, now=clock.now())
    if delivery is None:
        return False
    endpoint = WebhookEndpoint.find_one({"_id": delivery.endpoint, "is_active": True})
    if endpoint is None:
        delivery.close(Status.CANCELLED, None, now=clock.now())
        return False
    began = time.monotonic()
    answer = webhooks.post(endpoint.url, delivery.body.encode(), _headers(endpoint, delivery),
                           allowed=settings.current().webhook_allowed_networks)
    made = Attempt(at=clock.now(), status=answer.status, error=answer.error, response=answer.body or None,
                   milliseconds=int((time.monotonic() - began) * 1000))
    _conclude(endpoint, delivery, made)
    return True


def test(endpoint_id: int, *, viewer: User) -> WebhookDelivery:
    """Send an event that says nothing, to see whether it arrives. Raises NotFound."""
    endpoint = webhook_endpoints.get(endpoint_id, viewer=viewer)
    event = Event(id=ObjectId(), type=TEST, subject=f"webhook:{endpoint.id}", created_at=clock.now())
    row = _row(event, endpoint.id)
    WebhookDelivery.insert(row)
    _queued.after_commit()
    return WebhookDelivery.load(row)


def listing(endpoint_id: int, *, viewer: User, status: Status | None = None) -> Listing:
    """What was sent, or is to be sent, to an endpoint, newest first. Raises NotFound."""
    endpoint = webhook_endpoints.get(endpoint_id, viewer=viewer)
    match: dict = {"endpoint": endpoint.id}
    return Listing(WebhookDelivery, match | ({"status": status} if status else {}), searchable=("type",))


def replay(delivery_id: str, *, viewer: User) -> WebhookDelivery:
    """Send a delivery once more, whatever became of it; one that is on its way stays so. Raises NotFound."""
    if not ObjectId.is_valid(delivery_id):
        raise NotFound
    delivery = WebhookDelivery.get(ObjectId(delivery_id))
    webhook_endpoints.get(delivery.endpoint, viewer=viewer)
    again = WebhookDelivery.replay({"_id": delivery.id}, now=clock.now())
    _queued.after_commit()
    return again or delivery


def replay_missed(endpoint_id: int, *, viewer: User, since: datetime) -> int:
    """Send all that did not arrive since a moment once more; returns how many those are. Raises NotFound."""
    endpoint, now = webhook_endpoints.get(endpoint_id, viewer=viewer), clock.now()
    missed = WebhookDelivery.collection().update_many(
        {"endpoint": endpoint.id, "status": {"$in": [Status.FAILED, Status.CANCELLED]}, "created_at": {"$gte": since}},
        {"$set": {"status": Status.PENDING, "attempts": 0, "due_at": now, "updated_at": now}},
        session=current_session()).modified_count
    _queued.after_commit()
    return missed


def body_of(event: Event) -> str:
    """What endpoints are sent: amounts as two-decimal strings, times in UTC."""
    data = {name: money.text(value) if name in MONEY and isinstance(value, int) else value
            for name, value in event.data.items()}
    return orjson.dumps({
        "id": str(event.id), "type": event.type, "timestamp": event.created_at, "merchant": event.merchant,
        "data": {"subject": event.subject, **data}}, option=orjson.OPT_UTC_Z, default=str).decode()


def _start_due(pool: ThreadPoolExecutor, running: dict[Future, int]) -> int:
    lanes = Counter(running.values())
    busy = [endpoint for endpoint, threads in lanes.items() if threads >= THREADS_PER_ENDPOINT]
    started = 0
    for delivery_id, endpoint in WebhookDelivery.due(now=clock.now(), limit=4 * THREADS, busy=busy):
        if len(running) >= THREADS:
            break
        if lanes[endpoint] < THREADS_PER_ENDPOINT:
            lanes[endpoint] += 1
            running[pool.submit(attempt, delivery_id)] = endpoint
            started += 1
    return started


def _conclude(endpoint: WebhookEndpoint, delivery: WebhookDelivery, made: Attempt) -> None:
    now = clock.now()
    if made.status is not None and 200 <= made.status < 300:
        delivery.close(Status.SUCCEEDED, made, now=now)
        WebhookEndpoint.change_row({"_id": endpoint.id}, {"$max": {"last_success_at": now}})
    elif made.status == GONE:
        delivery.close(Status.FAILED, made, now=now)
        _disable(endpoint, "gone")
    elif delivery.attempts <= len(PAUSES):
        delivery.retry_at(now + _pause(delivery.attempts), made, now=now)
    else:
        delivery.close(Status.FAILED, made, now=now)
        since = now - GIVE_UP_AFTER
        _disable(endpoint, "failing", {"$nor": [{"last_success_at": {"$gt": since}}, {"updated_at": {"$gt": since}}]})


def _disable(endpoint: WebhookEndpoint, reason: str, match: dict | None = None) -> None:
    disabled = WebhookEndpoint.disable(endpoint.id, reason, now=clock.now(), match=match)
    if disabled is not None:
        events.record("webhook.disabled", subject=f"webhook:{endpoint.id}", user=endpoint.created_by,
                      merchant=endpoint.merchant, url=endpoint.url, reason=reason)


def _pause(attempts: int) -> timedelta:
    return PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311  it only spreads the load


def _headers(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> dict[str, str]:
    # The real time, not the demo's: the receiver compares it with its own.
    event, now = str(delivery.event), datetime.now(UTC)
    signatures = [Webhook(secret).sign(event, now, delivery.body) for secret in endpoint.secrets(clock.now())]
    return {"Content-Type": "application/json", "User-Agent": "Purser-Webhooks/1", "webhook-id": event,
            "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": " ".join(signatures)}


def _row(event: Event, endpoint_id: int) -> dict[str, Any]:
    now = clock.now()
    return {"_id": ObjectId(), "endpoint": endpoint_id, "event": event.id, "type": event.type, "body": body_of(event),
            "status": Status.PENDING, "attempts": 0, "log": [], "due_at": now, "created_at": now, "updated_at": now}

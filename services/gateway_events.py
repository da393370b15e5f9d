"""What gateways tell by webhook: verified, kept, and applied in the same transaction, each event once."""
import logging
from collections.abc import Mapping
from datetime import timedelta

from documents import clock
from documents.base import Duplicate
from documents.errors import DomainError
from documents.gateway_events import MAX_BODY, GatewayEvent, Status
from documents.payments import Payment
from documents.transactions import atomic
from services import card_refunds, gateway_outcomes, refunds_outside
from services.backoff import pause_after
from services.gateway_outcomes import CannotGive
from services.gateways.payments.base import BadSignature, Intent, News
from services.gateways.payments.choice import cards, named, topups

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 20
"""Some three days; then an operator has to look."""
BATCH = 200

log = logging.getLogger(__name__)


class _Known(Exception):
    """The event was taken before."""


def hear_cards(body: bytes, headers: Mapping[str, str]) -> Status:
    """Take a webhook of the card gateway. Raises BadSignature."""
    return ingest(cards().name, body, headers)


def hear_topups(body: bytes, headers: Mapping[str, str]) -> Status:
    """Take a webhook of the top-up gateway. Raises BadSignature."""
    return ingest(topups().name, body, headers)


def ingest(gateway: str, body: bytes, headers: Mapping[str, str]) -> Status:
    """Take a webhook: whatever is genuine is kept and acknowledged; what cannot be applied yet waits.

    A bug passes through, and the gateway, which hears no acknowledgement, tells it again. Raises BadSignature.
    """
    if len(body) > MAX_BODY:
        raise BadSignature
    news = named(gateway).hear(body, headers)
    event = GatewayEvent(id=f"{gateway}:{news.id}", gateway=gateway, type=news.type[:100], intent=_intent_of(news),
                         body=body.decode(), created_at=clock.now())
    try:
        return _store(event, news)
    except _Known:
        return Status.IGNORED
    except DomainError as error:
        log.warning("Webhook %s (%s) waits: %s", event.id, event.type, error.detail)
        return _keep_waiting(event, error)


def retry_due() -> int:
    """Try the waiting events again whose time has come; returns how many. Any number may run at once."""
    due = list(GatewayEvent.find({"due_at": {"$lte": clock.now()}}, sort=[("due_at", 1)], limit=BATCH))
    for event in due:
        claimed = GatewayEvent.claim(event.id, due_at=event.due_at, until=clock.now() + LEASE)
        if claimed is not None:
            _try_again(claimed)
    return len(due)


def _store(event: GatewayEvent, news: News) -> Status:
    try:
        return _store_and_apply(event, news, give=True)
    except CannotGive:
        return _store_and_apply(event, news, give=False)


@atomic
def _store_and_apply(event: GatewayEvent, news: News, *, give: bool) -> Status:
    payment = _payment_of(event.gateway, news)
    event.status = Status.APPLIED if payment is not None else Status.IGNORED
    try:
        event.create()
    except Duplicate as error:
        raise _Known from error
    if payment is not None:
        _apply(payment, news, give=give)
    return event.status


def _keep_waiting(event: GatewayEvent, error: DomainError) -> Status:
    event.status, event.error, event.attempts = Status.WAITING, error.detail[:300], 1
    event.due_at = clock.now() + FIRST_PAUSE
    try:
        event.create()
    except Duplicate:
        return Status.IGNORED
    return Status.WAITING


def _try_again(event: GatewayEvent) -> None:
    news = named(event.gateway).read(event.body.encode())
    try:
        try:
            _apply_again(event, news, give=True)
        except CannotGive:
            _apply_again(event, news, give=False)
    except DomainError as error:
        pause = pause_after(event.attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        due_at = clock.now() + pause if event.attempts < MAX_ATTEMPTS else None
        GatewayEvent.postpone(event.id, error=error.detail, due_at=due_at)


@atomic
def _apply_again(event: GatewayEvent, news: News, *, give: bool) -> None:
    payment = _payment_of(event.gateway, news)
    closed = GatewayEvent.close(event.id, Status.APPLIED if payment is not None else Status.IGNORED)
    if closed is not None and payment is not None:
        _apply(payment, news, give=give)


def _apply(payment: Payment, news: News, *, give: bool) -> None:
    if news.intent is not None:
        gateway_outcomes.carry_out(payment, news.intent, give=give)
    if news.returned is not None:
        refund = card_refunds.by_answer(news.returned)
        if refund is not None:
            card_refunds.apply(refund, news.returned)
    if news.dispute is not None:
        refunds_outside.dispute(payment, news.dispute)


def _payment_of(gateway: str, news: News) -> Payment | None:
    """The payment that a webhook is about, or None when it is not one of ours or says nothing we follow."""
    if news.intent is not None:
        return _by_intent(gateway, news.intent)
    if news.dispute is not None:
        return Payment.find_one({"gateway.intent": news.dispute.intent, "gateway.name": gateway})
    refund = card_refunds.by_answer(news.returned) if news.returned is not None else None
    return Payment.get(refund.payment) if refund is not None else None


def _by_intent(gateway: str, intent: Intent) -> Payment | None:
    known = Payment.find_one({"gateway.intent": intent.id, "gateway.name": gateway})
    if known is not None or intent.payment is None:
        return known
    # Whoever opened it died before noting the gateway's id: the gateway still knows ours.
    named_so = Payment.find_one({"_id": intent.payment, "gateway.name": gateway, "gateway.intent": {"$exists": False}})
    return Payment.adopt(named_so.id, intent.id) if named_so is not None else None


def _intent_of(news: News) -> str | None:
    return news.intent.id if news.intent is not None else news.dispute.intent if news.dispute is not None else None

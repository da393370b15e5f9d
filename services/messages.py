"""E-mail and SMS: queued in the caller's transaction, delivered by a job at least once, retried for a day."""
from collections.abc import Callable
from datetime import datetime, timedelta

from bson import ObjectId

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.messages import Channel, Message, MessageStatus
from services.backoff import pause_after
from services.gateways.messages.base import Outgoing, PermanentFailure, TemporaryFailure
from services.gateways.messages.choice import gateway_for
from services.gateways.messages.outbox_file import OutboxFile
from services.wakeups import Wakeup

RETRY_FOR = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)

_queued: Wakeup[[str]] = Wakeup()


def send(*, channel: str, to: str, body: str, subject: str = "", code: str | None = None,
         expires_at: datetime | None = None, key: str | None = None) -> Message | None:
    """Queue one message to an address; delivery starts after the surrounding commit.

    `expires_at` is the life of what the message carries: past it, it is dropped instead of sent, and its text is
    forgotten after sending, as with a `code`. Returns None when a message with this `key` is known already.
    """
    # Inside a transaction a refused insert would end it, so a known key is looked up before.
    if key is not None and Message.find_one({"key": key}) is not None:
        return None
    now = clock.now()
    message = Message(
        channel=Channel(channel).value, to=to, subject=subject, body=body, code=code, key=key,
        status=MessageStatus.QUEUED.value, created_at=now, due_at=now, secret=bool(code or expires_at),
        gives_up_at=min(expires_at or now + RETRY_FOR, now + RETRY_FOR))
    try:
        message.create()
    except Duplicate:
        return None
    _queued.after_commit(str(message.id))
    return message


def on_queued(waker: Callable[[str], None]) -> None:
    """Call `waker` with the id of each message after the commit that queued it. It must not raise."""
    _queued.listen(waker)


def deliver(message_id: ObjectId) -> None:
    """Make one delivery attempt, unless the message is sent, not due, or in another worker's hands.

    A crash between the gateway's yes and the mark sends the message again after the lease: at least once.
    """
    message = Message.claim(message_id, clock.now())
    if message is None:
        return
    if message.gives_up_at <= clock.now():
        message.close(MessageStatus.EXPIRED, clock.now(), message.error)
        return
    try:
        gateway_for(message.channel, settings.current()).send(_outgoing(message))
    except TemporaryFailure as error:
        pause = pause_after(message.attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        message.retry_at(clock.now() + pause, str(error))
    except PermanentFailure as error:
        message.close(MessageStatus.FAILED, clock.now(), str(error))
    else:
        message.close(MessageStatus.SENT, clock.now())


def deliver_due(*, limit: int = 50) -> None:
    """Deliver what is waiting: retries, and messages whose wake-up or worker was lost."""
    for message_id in Message.due(now=clock.now(), limit=limit):
        deliver(message_id)


def newest_in_outbox(address: str) -> dict | None:
    """The newest line of development's outbox file for a normalised address, or None."""
    return OutboxFile(settings.current().data_dir).newest(address)


def _outgoing(message: Message) -> Outgoing:
    return Outgoing(reference=str(message.id), channel=message.channel, to=message.to, subject=message.subject,
                    body=message.body, code=message.code, first_attempt=message.attempts == 1)

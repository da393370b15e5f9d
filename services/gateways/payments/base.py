"""What Purser asks of a payment gateway, and what it can hear; every gateway's words are translated into these."""
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from documents.errors import Conflict, Invalid, Unauthenticated, Unavailable


class State(StrEnum):
    OPEN = "open"
    """Waiting for its payer."""
    DECLINED = "declined"
    """The last try was refused; the payer may try again."""
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    """The money was taken; final."""
    CANCELLED = "cancelled"
    """Cannot be paid any more; final."""


class RefundState(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Order:
    """A payment to be taken. Amounts are minor units."""

    payment: str
    """Our id of it, which the gateway keeps: the same one is opened once, however often it is asked for."""
    user: int
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What a gateway says about a payment. Amounts are minor units."""

    id: str
    state: State
    amount: int
    currency: str
    payment: str | None = None
    """Our id, if the gateway still knows it."""
    received: int = 0
    charge: str | None = None
    """The gateway's id of the capture."""
    refunded: int = 0
    """All that went back to the payer by the gateway, whoever asked for it."""
    code: str | None = None
    """Why the last try was refused."""
    client_secret: str | None = None
    """With it the payer's browser pays at the gateway."""


@dataclass(frozen=True, kw_only=True)
class RefundOrder:
    refund: str
    """Our id of it; the same one is paid back once."""
    intent: str
    charge: str | None
    amount: int


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What became of a refund at the gateway."""

    state: RefundState
    id: str | None = None
    """The gateway's id of it."""
    refund: str | None = None
    """Our id, when we had asked for it."""
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """The payer's bank takes the money back, or threatens to."""

    id: str
    intent: str
    amount: int
    lost: bool


@dataclass(frozen=True, kw_only=True)
class News:
    """One webhook, understood as far as it concerns us."""

    id: str
    """Unique for its gateway, the same at every repeat."""
    type: str
    intent: Intent | None = None
    returned: Returned | None = None
    dispute: Dispute | None = None


class GatewayUnavailable(Unavailable):
    """Nobody answered, or not plainly: what was asked for may have happened."""

    code = "gateway_unavailable"
    detail = "The payment gateway does not answer; try again shortly."


class GatewayRefused(Conflict):
    """The gateway understood and said no; nothing happened."""

    code = "gateway_refused"
    detail = "The payment gateway refused this."

    def __init__(self, reason: str = "") -> None:
        self.reason = reason[:100] or "refused"
        super().__init__()


class BadSignature(Unauthenticated):
    code = "bad_signature"
    detail = "The signature is missing, wrong or too old."


class BadEvent(Invalid):
    """Signed, and yet nothing that the gateway is known to send."""

    code = "bad_event"
    detail = "This is not an event."


class Gateway(Protocol):
    """Takes money. Every call may raise GatewayUnavailable; those that change something are safe to repeat."""

    name: str

    def open(self, order: Order) -> Intent:
        """Make the intent of a payment, or find the one made before. Raises GatewayRefused."""

    def fetch(self, intent_id: str) -> Intent:
        """Ask what became of a payment."""

    def cancel(self, intent_id: str) -> Intent:
        """Let nobody pay any more, if it is not too late; what became of the payment."""

    def hear(self, body: bytes, headers: Mapping[str, str]) -> News:
        """Understand a webhook. Raises BadSignature, BadEvent."""

    def read(self, body: bytes) -> News:
        """Understand a webhook whose signature was seen to before."""


class CardGateway(Gateway, Protocol):
    """A gateway that also pays back what we ask it to."""

    def refund(self, order: RefundOrder, *, again: bool) -> Returned:
        """Give money back. `again` says that it may have been asked for before, however long ago."""

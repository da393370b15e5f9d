"""What Purser asks of a mobile operator, and the five things it can hear."""
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    SUCCESS = "success"
    """Delivered; final."""
    FAILED = "failed"
    """Not delivered and never will be; final."""
    PENDING = "pending"
    """Accepted, not decided yet."""
    UNKNOWN = "unknown"
    """The operator has never seen the reference: submitting it again is safe and due."""
    UNCLEAR = "unclear"
    """No answer, or none that can be trusted: it may have been delivered."""


@dataclass(frozen=True)
class Order:
    """One delivery. `reference` is unique per attempt; an operator honours it once however often it is submitted."""

    reference: str
    phone_number: str
    provider: str
    plan: str
    """The plan's identifier."""
    amount: int
    """The face price in minor units."""


@dataclass(frozen=True)
class Outcome:
    state: State
    operator_ref: str | None = None
    code: str | None = None
    """The operator's reason for a failure."""


class Operator(Protocol):
    """Neither call raises when the operator cannot be reached or talks nonsense: the answer is UNCLEAR."""

    def submit(self, order: Order) -> Outcome:
        """Ask for a delivery; for a known reference, answer what became of it."""

    def status(self, reference: str) -> Outcome:
        """Ask what became of a delivery."""

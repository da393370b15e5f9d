"""What every way of sending a message promises."""
from dataclasses import dataclass
from typing import Protocol


class DeliveryFailure(Exception):
    """The message did not leave; the text is for operators only."""


class TemporaryFailure(DeliveryFailure):
    """Trying again later may help: an outage, a full mailbox, wrong credentials of ours."""


class Unreachable(TemporaryFailure):
    """Nobody answered in time: so it would go with the next message, too."""


class PermanentFailure(DeliveryFailure):
    """Trying again cannot help: the address or the message itself was refused."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    reference: str
    """The same for every attempt, so that the other side can recognise a repeat."""
    channel: str
    to: str
    subject: str
    body: str
    code: str | None
    first_attempt: bool


class MessageGateway(Protocol):
    def send(self, message: Outgoing) -> None:
        """Hand the message over, within seconds. Raises TemporaryFailure or PermanentFailure."""

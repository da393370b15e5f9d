"""Not waiting for a server that did not answer a moment ago."""
from datetime import timedelta

from documents import clock
from documents.messages import ChannelPause
from services.gateways.messages.base import MessageGateway, Outgoing, TemporaryFailure, Unreachable

PAUSE = timedelta(seconds=15)


class Breaker:
    """After one message found nobody at the other end, the next ones do not try for a while.

    Otherwise a server that swallows connections would hold every worker for its time-out, and with them the
    messages of the other channel and all other work.
    """

    def __init__(self, gateway: MessageGateway) -> None:
        self.gateway = gateway

    def send(self, message: Outgoing) -> None:
        if ChannelPause.covers(message.channel, clock.now()):
            raise TemporaryFailure("The server did not answer a moment ago.")
        try:
            self.gateway.send(message)
        except Unreachable:
            ChannelPause.begin(message.channel, clock.now() + PAUSE)
            raise

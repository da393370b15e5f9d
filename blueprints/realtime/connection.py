"""One WebSocket on a plain socket: whole messages out with a deadline, small messages in."""
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, Pong, Request, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from services.realtime_hub import Code

IO_SECONDS = 15.0
"""How long the other side may leave a write waiting; also how often silence is looked at."""
SILENCE_SECONDS = 75.0
"""A socket from which nothing was heard for so long, no pong either, is dead."""
LONGEST_MESSAGE = 8_192
LINGER_SECONDS = 2.0


class Gone(Exception):
    """The other side has closed, or cannot be written to."""


class TooBig(Exception):
    """A message is longer than anything a client has to say here."""


class BadHandshake(Exception):
    """The request is no WebSocket handshake."""


class Connection:
    """Written to by one thread and read by another, or by one that does both in turn."""

    def __init__(self, sock: socket.socket, headers: list[tuple[bytes, bytes]], path: str) -> None:
        """Raises BadHandshake; nothing is sent yet."""
        self._sock = sock
        self._sock.settimeout(IO_SECONDS)
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._writing = threading.Lock()
        self._heard_at = time.monotonic()
        try:
            self._protocol.initiate_upgrade_connection(headers, path)
            request = next(self._protocol.events())
        except (RemoteProtocolError, StopIteration) as error:
            raise BadHandshake from error
        if not isinstance(request, Request):
            raise BadHandshake
        self.offered = list(request.subprotocols)

    def accept(self, subprotocol: str | None) -> None:
        """Answer the handshake. Raises Gone."""
        self._send(AcceptConnection(subprotocol=subprotocol))

    def send(self, text: str) -> None:
        """Raises Gone when the other side takes too long."""
        self._send(TextMessage(data=text))

    def ping(self) -> None:
        self._send(Ping())

    def messages(self, *, within: float | None = None) -> Iterator[str]:
        """The texts that come in, for at most `within` seconds. Raises Gone, TooBig."""
        deadline = None if within is None else time.monotonic() + within
        parts: list[str] = []
        while deadline is None or time.monotonic() < deadline:
            for event in self._receive(deadline):
                self._answer(event)
                if not isinstance(event, TextMessage):
                    continue
                parts.append(event.data)
                if sum(map(len, parts)) > LONGEST_MESSAGE:
                    raise TooBig
                if event.message_finished:
                    yield "".join(parts)
                    parts.clear()

    def close(self, code: Code, reason: str) -> None:
        """Say why this ends. Whoever reads goes on for a moment: a reset would take the words with it."""
        with contextlib.suppress(Gone, OSError):
            self._send(CloseConnection(code=code, reason=reason))
            self._sock.shutdown(socket.SHUT_WR)

    def drain(self) -> None:
        """Read, and forget, what still comes in before the other side closes too."""
        with contextlib.suppress(Gone, TooBig):
            for _ in self.messages(within=LINGER_SECONDS):
                pass

    def _receive(self, deadline: float | None) -> Iterator[Event]:
        data = self._read(deadline)
        if data is None:
            return
        self._heard_at = time.monotonic()
        try:
            self._protocol.receive_data(data or None)
            yield from self._protocol.events()
        except RemoteProtocolError as error:
            raise Gone from error

    def _read(self, deadline: float | None) -> bytes | None:
        """What came in; None when nothing did for a while; b"" at the end. Raises Gone."""
        self._sock.settimeout(IO_SECONDS if deadline is None else max(0.01, deadline - time.monotonic()))
        try:
            return self._sock.recv(4_096)
        except TimeoutError:
            if time.monotonic() - self._heard_at > SILENCE_SECONDS:
                raise Gone from None
            return None
        except OSError as error:
            raise Gone from error

    def _answer(self, event: Event) -> None:
        if isinstance(event, Ping):
            self._send(event.response())
        elif isinstance(event, CloseConnection):
            with contextlib.suppress(Gone):     # it may be the answer to our own
                self._send(event.response())
            raise Gone
        elif not isinstance(event, (TextMessage, Pong)):
            raise Gone

    def _send(self, event: Event) -> None:
        # One message at a time: a pong in the middle of a frame would be read as part of it.
        with self._writing:
            try:
                self._sock.sendall(self._protocol.send(event))
            except (LocalProtocolError, OSError) as error:
                raise Gone from error

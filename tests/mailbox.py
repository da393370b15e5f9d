"""A real SMTP server and a real HTTP SMS provider for tests, each with moods."""
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message as Letter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as LetterHandler


class Mailbox(LetterHandler):
    """Takes letters, or answers RCPT and DATA as its `mood` says; `hang_up` closes the line in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Letter] = []
        self.recipient_reply: str | None = None
        self.data_reply: str | None = None
        self.hang_up = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list) -> str:  # noqa: N802
        if self.recipient_reply is not None:
            return self.recipient_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.hang_up:
            server.transport.abort()
            return "451 nobody hears this"
        if self.data_reply is not None:
            return self.data_reply
        return await super().handle_DATA(server, session, envelope)

    def handle_message(self, message: Letter) -> None:
        self.letters.append(message)


@contextmanager
def smtp_server(mailbox: Mailbox, port: int) -> Iterator[None]:
    """A server on a loopback port, for as long as the block runs."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@contextmanager
def sms_provider(answer: Callable[[int], int]) -> Iterator[tuple[str, list[dict]]]:
    """An HTTP provider whose n-th reply has the status `answer(n)`; yields its address and what it was sent."""
    requests: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append({"body": body, "authorization": self.headers["Authorization"],
                             "key": self.headers["Idempotency-Key"]})
            self.send_response(answer(len(requests)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/sms", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

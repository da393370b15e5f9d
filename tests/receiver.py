"""Somebody's server, on this machine, that is sent webhooks."""
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from standardwebhooks import Webhook


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> dict:
        """The event, if `secret` signed it within the last minutes; raises otherwise."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Answers 204, unless `answers` says otherwise for a path; `wait` may hold an answer up."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: dict[str, int] = {}
        self.wait: Callable[[str], None] = lambda _path: None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server.server_port}{path}"

    def got(self, path: str = "/") -> list[Received]:
        return [request for request in self.requests if request.path == path]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append(Received(self.path, dict(self.headers), body))
            receiver.wait(self.path)
            self.send_response(receiver.answers.get(self.path, 204))
            self.send_header("Location", receiver.url("/elsewhere"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return Handler

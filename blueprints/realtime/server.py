"""The WSGI application that takes sockets over from gunicorn; everything else it is asked is answered in a line."""
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from blueprints.realtime import callers
from blueprints.realtime.connection import BadHandshake, Connection
from blueprints.realtime.conversation import Conversation
from config.settings import Settings
from services.realtime_feed import Feed
from services.realtime_hub import Hub
from services.realtime_staff import StaffFeed

PATH = "/ws/realtime"


class Sockets:
    """All sockets of one process, fed by its one change stream."""

    def __init__(self, settings: Settings) -> None:
        self.hub = Hub()
        self._feed = Feed(self.hub)
        self._staff_feed = StaffFeed()
        self._settings = settings

    def start(self) -> None:
        """Follow the database."""
        self._feed.start()

    def stop(self) -> None:
        """Send every client away; each resumes at another process, or at the next one."""
        self._feed.stop()
        self.hub.close()
        self._staff_feed.close()

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        path = environ["PATH_INFO"].rstrip("/")
        if path == "/livez":
            status = HTTPStatus.OK if self._feed.follows else HTTPStatus.SERVICE_UNAVAILABLE
            return _answer(start_response, status, "ok" if self._feed.follows else "unavailable",
                           f"{len(self.hub)} sockets")
        if path != PATH:
            return _answer(start_response, HTTPStatus.NOT_FOUND, "route_not_found", "There is no such route.")
        if not callers.may_connect(environ.get("HTTP_ORIGIN"), environ.get("HTTP_HOST", ""), self._settings):
            return _answer(start_response, HTTPStatus.FORBIDDEN, "origin_not_allowed",
                           "Pages of this origin may not open a socket.")
        try:
            connection = Connection(environ["gunicorn.socket"], _headers(environ), path)
        except BadHandshake:
            return _answer(start_response, HTTPStatus.UPGRADE_REQUIRED, "upgrade_required",
                           "This is a WebSocket: connect with one.", ("Upgrade", "websocket"))
        Conversation(self.hub, connection, environ.get("QUERY_STRING", ""), self._staff_feed).hold()
        # How gunicorn is told that there is no answer to write and that the connection is over.
        raise StopIteration


def _answer(start_response: Callable, status: HTTPStatus, code: str, detail: str,
            *headers: tuple[str, str]) -> Iterable[bytes]:
    body = json.dumps({"status": status.value, "code": code, "detail": detail}).encode()
    start_response(f"{status.value} {status.phrase}",
                   [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])
    return [body]


def _headers(environ: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(name[5:].replace("_", "-").lower().encode(), value.encode("latin-1"))
            for name, value in environ.items() if name.startswith("HTTP_")]

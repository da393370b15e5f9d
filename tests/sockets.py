"""The sockets process of the tests, as the Procfile starts it, and clients for it."""
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from flask import Flask
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from blueprints import tokens
from config.settings import Settings
from documents.users import User
from services import sessions
from services.sessions import Device
from tests.installations import attached
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90


class Realtime:
    """A running process; `connect` opens a socket to it."""

    def __init__(self, settings: Settings, **changes: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn_sockets.py", "app:create_sockets_app()"],
            cwd=ROOT, env=attached(settings, SOCKETS_PORT=str(self.port), **changes))
        try:
            self._wait()
        except BaseException:       # or it would be blamed on the test after this one
            self.process.kill()
            self.process.wait()
            raise

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/realtime/"

    def connect(self, token: str | None = None, *, last: str | None = None, query: str = "", **options) -> "Listener":
        """A client that sends `token` in the query."""
        given = [f"token={token}" if token else "", f"last_event_id={last}" if last else "", query]
        return Listener(connect(f"{self.url}?{'&'.join(filter(None, given))}", compression=None, **options).__enter__())

    def stop(self) -> int:
        """End in good order; the exit code."""
        self.process.terminate()
        return self.process.wait(20)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, "the sockets process has ended"
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=5):
                    return
            except (URLError, OSError):
                assert time.monotonic() < deadline, "the sockets process does not answer"
                time.sleep(0.05)


class Listener:
    """One client socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def frame(self, timeout: float = 10) -> dict:
        """The next frame. Raises ConnectionClosed, TimeoutError."""
        return json.loads(self.connection.recv(timeout))

    def until(self, event_id: str) -> list[dict]:
        """The frames up to the one of this event."""
        frames = []
        while not frames or frames[-1]["event_id"] != event_id:
            frames.append(self.frame())
        return frames

    def closed(self) -> tuple[int, str]:
        """The code and reason with which the server closes, whatever it says before."""
        try:
            while True:
                self.frame()
        except ConnectionClosed as error:
            return error.rcvd.code, error.rcvd.reason

    def kill(self) -> None:
        """Vanish without a word, as a phone in a tunnel does."""
        self.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.socket.shutdown(socket.SHUT_RDWR)
        self.connection.socket.close()

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()


def token_of(app: Flask, user: User) -> str:
    """An access token of a new login."""
    return login(app, user)[0]


def login(app: Flask, user: User) -> tuple[str, str]:
    """An access token of a new login, and the login's id."""
    signed_in = sessions.open_session(user=user, device=Device())
    with app.app_context():
        return tokens.session_reply(signed_in)["access"], signed_in.session.id

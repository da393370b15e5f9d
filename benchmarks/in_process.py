"""An installation inside this process for measuring one piece of work: real servers, gone afterwards, no gunicorn."""
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from blueprints import tokens
from config import embedded
from config.settings import Settings
from documents.base import Document
from documents.users import User
from services import schema, sessions
from services.sessions import Device

ROUNDS = 15
BATCH = 1_000


@contextmanager
def installation(kept: str = "") -> Iterator[Flask]:
    """An empty installation in a temporary folder, or the one in the folder `kept`, which stays."""
    with tempfile.TemporaryDirectory(prefix="purser-bench-") as folder:
        settings = Settings.load({"DATA_DIR": kept or folder, "APP_ENV": "test", "RATELIMIT_ENABLED": "no"})
        servers = embedded.start(settings, log=lambda _line: None)
        try:
            app = create_app(embedded.attach(settings))
            app.logger.disabled = logging.getLogger("purser.request").disabled = True
            schema.sync()
            yield app
        finally:
            servers.stop()


def insert(document: type[Document], rows: Iterable[dict]) -> None:
    """Store many rows as they are."""
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        document.collection().insert_many(batch, ordered=False)


def client_of(app: Flask, user: User) -> FlaskClient:
    """A client that speaks for `user` through the whole HTTP stack."""
    signed_in = sessions.open_session(user=user, device=Device())
    with app.app_context():
        token = tokens.session_reply(signed_in)["access"]
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def print_times(name: str, work: Callable[[], object]) -> None:
    """Do `work` once to warm up, then some rounds, and print a line of milliseconds."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1_000)
    print(f"{name:<28}{min(times):>10.0f}{statistics.median(times):>10.0f}{max(times):>10.0f}")


def print_heading(first: str) -> None:
    """The line above those of `print_times`."""
    print(f"{first:<28}{'best ms':>10}{'median':>10}{'worst':>10}")

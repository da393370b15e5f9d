"""The real servers, one database per worker, and the people that tests are about."""
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import monitoring

from app import create_app
from config import connections, embedded
from config.settings import Settings
from documents import clock, ids, money
from services import schema
from tests.people import People, Person

WRITES = {"insert", "update", "findAndModify", "delete", "bulkWrite", "aggregate"}
KEPT = {"counters"}


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that starts the xdist workers; they inherit the addresses."""
    if hasattr(config, "workerinput") or config.option.collectonly or "TEST_MONGO_URI" in os.environ:
        return
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="purser-test-", dir=memory if os.access(memory, os.W_OK) else None))
    config._purser_folder = folder
    config._purser_servers = servers = embedded.start(settings_of(folder), log=lambda _line: None)
    os.environ |= {"TEST_MONGO_URI": servers.mongo_uri, "TEST_REDIS_URL": servers.redis_url,
                   "TEST_DATA_DIR": str(folder)}


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "_purser_servers"):
        config._purser_servers.stop()
        shutil.rmtree(config._purser_folder, ignore_errors=True)


def settings_of(folder: Path, **changes: str) -> Settings:
    """Settings of a test installation: cheap hashes, no address limits, everything else as in development."""
    return Settings.load({
        "APP_ENV": "test", "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmn", "DATA_DIR": str(folder),
        "ARGON2_TIME_COST": "1", "ARGON2_MEMORY_KIB": "64", "RATELIMIT_ENABLED": "no", **changes})


class DirtyCollections(monitoring.CommandListener):
    """Remembers which collections were written to, so that only those are emptied after a test."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in WRITES and isinstance(event.command.get(event.command_name), str):
            self.names.add(event.command[event.command_name])

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


_dirty = DirtyCollections()
monitoring.register(_dirty)


@pytest.fixture(scope="session")
def settings(worker_id: str) -> Settings:
    folder = Path(os.environ["TEST_DATA_DIR"]) / worker_id
    folder.mkdir(exist_ok=True)
    number = 0 if worker_id == "master" else 1 + int(worker_id.removeprefix("gw"))
    address, _, options = os.environ["TEST_MONGO_URI"].partition("?")
    redis_base = os.environ["TEST_REDIS_URL"].rsplit("/", 1)[0]
    return settings_of(folder, MONGO_URI=f"{address.rsplit('/', 1)[0]}/purser_{worker_id}?{options}",
                       REDIS_URL=f"{redis_base}/{number}")


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    application = create_app(settings)
    application.testing = True
    schema.sync()
    yield application
    connections.disconnect()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not logged in."""
    return app.test_client()


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave nothing behind: empty what the test wrote to, put the clock back."""
    yield
    clock.shift(timedelta(0))
    if "app" not in request.fixturenames:
        return
    connections.redis().flushdb()
    if _dirty.names:
        database = connections.database()
        views = {row["name"] for row in database.list_collections(filter={"type": "view"})}
        for name in _dirty.names - KEPT - views:
            database[name].delete_many({})
        _dirty.names.clear()


@pytest.fixture
def people(app: Flask) -> People:
    """Makes users of every role, wallets included."""
    ids.forget_blocks()
    return People(app)


@pytest.fixture
def as_user(app: Flask, people: People):
    """A test client that sends the given user's token."""
    return people.client_of


@pytest.fixture
def fund(people: People):
    """`fund(user, "100.00")` puts cash into that user's wallet."""
    def put(user: Person, amount: str) -> None:
        people.fund(user, money.parse(amount))
    return put


@pytest.fixture
def move_clock():
    """`move_clock(timedelta(days=3))` moves this process's time away from the real one."""
    return clock.shift

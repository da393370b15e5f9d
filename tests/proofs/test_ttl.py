"""What is past its time: refused at once, and swept away by the real server's TTL monitor."""
import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from config import children
from config.connections import database
from config.programs import MONGOD
from documents import clock
from documents.base import Document
from documents.otps import Otp, Purpose
from documents.sessions import Session
from services import otps
from tests.http.identity import signed_in
from tests.ports import free_port

DEADLINE_SECONDS = 60
ADDRESS = "old@shop.example"


@pytest.fixture(scope="module")
def sweeping(tmp_path_factory) -> Iterator[Database]:
    """A mongod of its own that sweeps every second: a running one takes a new interval only after its next sweep."""
    folder = tmp_path_factory.mktemp("ttl")
    (folder / "data").mkdir()
    port = free_port()
    program = dataclasses.replace(MONGOD, arguments=lambda folder, port: [
        *MONGOD.arguments(folder, port), "--setParameter", "ttlMonitorSleepSecs=1"])
    process = children.spawn([program.executable(), *program.arguments(folder / "data", port)],
                             folder=folder, output=folder / "mongod.log")
    try:
        end = time.monotonic() + DEADLINE_SECONDS
        while (address := program.ready(port)) is None and time.monotonic() < end:
            assert process.poll() is None, (folder / "mongod.log").read_text()
        with MongoClient(address, tz_aware=True) as client:
            yield client.get_default_database()
    finally:
        children.stop(process)


@contextmanager
def unswept() -> Iterator[None]:
    """Run the block without the TTL monitor of the installation's own server."""
    admin = database().client.admin
    admin.command({"setParameter": 1, "ttlMonitorEnabled": False})
    try:
        yield
    finally:
        admin.command({"setParameter": 1, "ttlMonitorEnabled": True})


def swept(server: Database, document: type[Document], row: dict) -> bool:
    """Insert `row` under the indexes that `db sync` made, and wait until the server reports that it deleted it."""
    collection = server[document.collection().name]
    for name, index in document.collection().index_information().items():
        collection.create_index(index["key"], name=name, **{
            option: index[option] for option in ("expireAfterSeconds",) if option in index})
    deleted = {"operationType": "delete", "documentKey._id": row["_id"]}
    with collection.watch([{"$match": deleted}], max_await_time_ms=500) as changes:
        collection.insert_one(row)
        end = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end:
            if changes.try_next() is not None:
                return True
    return False


def otp_row(*, expires_in: timedelta, forgotten_in: timedelta) -> dict:
    now = clock.now()
    return {"_id": ADDRESS, "purpose": Purpose.SIGN_IN.value, "digest": otps.digest(ADDRESS, Purpose.SIGN_IN, "123456"),
            "tries": 0, "expires_at": now + expires_in, "forgotten_at": now + forgotten_in}


def test_a_back_dated_otp_disappears(app, sweeping):
    assert swept(sweeping, Otp, otp_row(expires_in=-timedelta(days=2), forgotten_in=-timedelta(days=1)))


def test_a_back_dated_session_disappears(app, sweeping):
    old = clock.now() - timedelta(days=8)
    assert swept(sweeping, Session, {"_id": "old", "user": 1, "created_at": old, "refreshed_at": old,
                                     "expires_at": old + timedelta(days=7)})


def test_an_otp_that_is_not_due_stays(app, sweeping):
    sweeping["otps"].insert_one(otp_row(expires_in=timedelta(minutes=5), forgotten_in=timedelta(days=1)))
    # The monitor passes over the whole server: once it has taken one, it has seen the other.
    old = otp_row(expires_in=-timedelta(days=2), forgotten_in=-timedelta(days=1))
    assert swept(sweeping, Otp, old | {"_id": "other"})
    assert sweeping["otps"].find_one({"_id": ADDRESS}) is not None


@pytest.mark.parametrize("forgotten_in", [timedelta(days=1), -timedelta(seconds=1)])
def test_an_expired_otp_is_refused_while_it_is_still_there(client, people, forgotten_in):
    people.client(email=ADDRESS)
    with unswept():
        Otp.collection().insert_one(otp_row(expires_in=-timedelta(seconds=1), forgotten_in=forgotten_in))
        answer = client.post("/api/auth/verify-otp/", json={"email": ADDRESS, "otp": "123456"})
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_otp")
        assert Otp.find_one({"_id": ADDRESS}) is not None


def test_an_expired_session_is_refused_while_it_is_still_there(as_user, people):
    user = people.client()
    client = signed_in(as_user(user))
    with unswept():
        Session.change({"user": user.id}, {"$set": {"expires_at": clock.now() - timedelta(seconds=1)}})
        assert client.get("/api/auth/profile/").status_code == 401
        assert Session.find_one({"user": user.id}) is not None

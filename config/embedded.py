"""Real MongoDB and Redis servers for those who have none, run under DATA_DIR for as long as their starter lives."""
import fcntl
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path
from typing import Self

from config import children
from config.checks import refuse_unreachable
from config.programs import MONGOD, REDIS, CannotStart, Program
from config.settings import Settings, SettingsError

START_SECONDS = 60
"""Long enough for a mongod that replays its journal after a crash."""
LEAVE_SECONDS = 25
"""How long the servers of a run that was killed may take to end by themselves."""
LEAST_FREE_BYTES = 500 * 2**20
"""Below this mongod can hardly lay out its journal."""
POLL_SECONDS = 0.02

Log = Callable[[str], None]


@dataclass
class Servers:
    """The two addresses, and the processes this run started for them (none for an address that was given)."""

    folder: Path
    mongo_uri: str = ""
    redis_url: str = ""
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    lock: TextIOWrapper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End what this run started, Redis before MongoDB, and leave the folder to the next run; safe to repeat."""
        for program in (REDIS, MONGOD):
            if program.name in self.processes:
                children.stop(self.processes.pop(program.name))
        if self.lock:
            _write_state(self.folder, ports=self.ports)
            self.lock.close()
            self.lock = None

    def ended(self) -> str | None:
        """The name of a server that has ended by itself, if one has."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def log_of(self, program: Program) -> Path:
        return self.folder / f"{program.name}.log"


def start(settings: Settings, log: Log = print) -> Servers:
    """Make both servers answer: those that the settings name are checked, the others started under `data_dir`.

    Their ports are kept from run to run while they are free. Call it from the main thread: the servers end with it.
    Raises SettingsError with one sentence, and leaves nothing running then.
    """
    refuse_unreachable(settings)
    servers = Servers(settings.data_dir.resolve(), settings.mongo_uri, settings.redis_url)
    try:
        missing = [program for program, given in ((MONGOD, settings.mongo_uri), (REDIS, settings.redis_url))
                   if not given]
        if missing:
            _take_folder(servers, log)
        for program in missing:
            _spawn(servers, program, log)
        addresses = {program: _wait(servers, program) for program in missing}
        servers.mongo_uri = addresses.get(MONGOD, servers.mongo_uri)
        servers.redis_url = addresses.get(REDIS, servers.redis_url)
        if missing:
            _write_state(servers.folder, ports=servers.ports, mongo_uri=servers.mongo_uri,
                         redis_url=servers.redis_url, pids=_pids(servers))
    except BaseException:
        servers.stop()
        raise
    return servers


def running(settings: Settings) -> Settings | None:
    """`settings` with the addresses of the servers that another process runs under `data_dir`, or None."""
    try:
        with (settings.data_dir / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:             # the kernel's word that the holder lives
        state = _read_state(settings.data_dir)
        if "mongo_uri" in state:
            return replace(settings, mongo_uri=settings.mongo_uri or state["mongo_uri"],
                           redis_url=settings.redis_url or state["redis_url"])
    return None


def attach(settings: Settings) -> Settings:
    """`settings` with both addresses filled in, from the running `make up` where they are not set.

    Raises SettingsError when there is none.
    """
    if settings.mongo_uri and settings.redis_url:
        return settings
    found = running(settings)
    if found is None:
        raise SettingsError("Purser is not running: start it with make up, or set MONGO_URI and REDIS_URL.")
    return found


def _take_folder(servers: Servers, log: Log) -> None:
    """Become the only run of this folder, and wait out the servers of one that was killed."""
    try:
        servers.folder.mkdir(parents=True, exist_ok=True)
        lock = (servers.folder / "lock").open("a")
    except OSError as error:
        raise CannotStart(f"{servers.folder} cannot be written to ({error.strerror}): "
                          "set DATA_DIR to a folder of yours.") from error
    deadline = time.monotonic() + 3     # the forks of a killed supervisor, which share its lock, die within moments
    while not _locked(lock):
        if time.monotonic() > deadline:
            lock.close()
            raise CannotStart(f"Purser already runs on {servers.folder}: stop that one, or choose another DATA_DIR.")
        time.sleep(POLL_SECONDS)
    servers.lock = lock
    state = _read_state(servers.folder)
    servers.ports = state.get("ports", {})
    for name, pid in state.get("pids", {}).items():
        _wait_for_end(servers.folder / name, name, pid, log)
    if shutil.disk_usage(servers.folder).free < LEAST_FREE_BYTES:
        raise CannotStart(f"The disk of {servers.folder} has less than {LEAST_FREE_BYTES // 2**20} MB left: "
                          "free some, or set DATA_DIR to a folder on another disk.")


def _locked(lock: TextIOWrapper) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_end(folder: Path, name: str, pid: int, log: Log) -> None:
    deadline = time.monotonic() + LEAVE_SECONDS
    if children.runs_in(pid, folder):
        log(f"Waiting for the {name} of the previous run to end …")
    while children.runs_in(pid, folder):
        if time.monotonic() > deadline:
            raise CannotStart(f"The {name} of an earlier run still uses {folder}: end it with `kill {pid}`, "
                              "then start again.")
        time.sleep(POLL_SECONDS)


def _spawn(servers: Servers, program: Program, log: Log) -> None:
    executable = program.executable()
    folder = servers.folder / program.name
    port = servers.ports[program.name] = _free_port(servers.ports.get(program.name, 0))
    log(f"Starting {program.name} on 127.0.0.1:{port}, data in {folder}")
    try:
        folder.mkdir(exist_ok=True)
        servers.processes[program.name] = children.spawn(
            [executable, *program.arguments(folder, port)], folder=folder, output=servers.log_of(program))
    except OSError as error:
        raise CannotStart(f"{executable} cannot be run here ({error.strerror}): install a {program.name} made for "
                          f"this machine, or set {program.variable}.") from error
    # Written before the server is waited for: a run killed meanwhile is recovered from all the same.
    _write_state(servers.folder, ports=servers.ports, pids=_pids(servers))


def _wait(servers: Servers, program: Program) -> str:
    process, port, log = servers.processes[program.name], servers.ports[program.name], servers.log_of(program)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise program.why(process.returncode, log)
        if _listens(port) and (address := program.ready(port)):
            return address
        time.sleep(POLL_SECONDS)
    raise CannotStart(f"{program.name} was not ready within {START_SECONDS} seconds: read {log}, or set "
                      f"{program.variable} to a server elsewhere.")


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise CannotStart("No port is free on 127.0.0.1: close some programs, then start again.")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _pids(servers: Servers) -> dict[str, int]:
    return {name: process.pid for name, process in servers.processes.items()}


def _read_state(folder: Path) -> dict:
    try:
        return json.loads((folder / "servers.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _write_state(folder: Path, **state: object) -> None:
    written = folder / "servers.json.new"
    written.write_text(json.dumps(state, indent=2))
    os.replace(written, folder / "servers.json")

"""What `make up` runs: the servers, the database's shape, the demo business, then every process of the Procfile."""
import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

from honcho import manager
from honcho.environ import parse_procfile
from honcho.process import Popen, Process

from config import children, embedded
from config.programs import CannotStart
from config.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent
PORT_SECONDS = 5
"""How long an API that was killed may take to let go of its port."""
manager.KILL_WAIT = 20
"""Seconds that the others get once one has stopped: a purchase may be waiting for its operator."""
POLL_SECONDS = 0.2
ASKED_TO_END = (128 + signal.SIGINT, 128 + signal.SIGTERM)


def main() -> int:
    """Run everything until SIGINT or SIGTERM, end it in order, and return the exit code: 0 when it was asked to end."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))   # until the Procfile runs; honcho's handler then
    try:
        settings = Settings.load()
        _refuse_taken_port(settings.port)
        _refuse_taken_port(settings.realtime_port)
        with embedded.start(settings, log=_say) as servers:
            environ = _environment(settings, servers)
            accounts = _prepare(settings, environ)
            code = _supervise(environ, lambda: _watch(settings, servers, accounts))
            return 1 if servers.ended() else code
    except SettingsError as error:
        print(f"Purser cannot start: {error}", file=sys.stderr)  # noqa: T201 - a command speaks to its terminal
        return 1
    except KeyboardInterrupt:
        return 130


class TiedProcess(Process):
    """A process of the Procfile that ends when the supervisor is killed, by way of the fork that reads its output."""

    def __init__(self, command: str, **options: object) -> None:
        super().__init__(f"exec {command}", **options)      # no shell in between that could swallow a signal
        self._tie_fork = children.tie_to_parent(signal.SIGKILL)

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        if self._tie_fork:
            self._tie_fork()
        self._child_ctor = functools.partial(Popen, preexec_fn=children.tie_to_parent())
        super().run(events, ignore_signals)


class Supervisor(manager.Manager):
    """honcho's manager of tied processes, which runs `watch` in a thread once all are started."""

    def __init__(self, watch: Callable[[], None]) -> None:
        super().__init__()
        self._process_ctor = TiedProcess
        self._watch = watch

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=self._watch, daemon=True).start()   # after the forks: a fork and threads do not mix

    def sweep(self) -> None:
        """Kill what a process that died by force has left of its group."""
        for process in self._processes.values():
            self._procmgr.kill(process["pid"])


def _supervise(environ: dict[str, str], watch: Callable[[], None]) -> int:
    supervisor = Supervisor(watch)
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        supervisor.add_process(name, command, env=environ, cwd=str(ROOT))
    supervisor.loop()
    supervisor.sweep()
    return 0 if supervisor.returncode in ASKED_TO_END else supervisor.returncode


def _environment(settings: Settings, servers: embedded.Servers) -> dict[str, str]:
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1", "PORT": str(settings.port), "SOCKETS_PORT": str(settings.realtime_port),
        "DATA_DIR": str(settings.data_dir.resolve()),
        "MONGO_URI": servers.mongo_uri, "REDIS_URL": servers.redis_url,
    }


def _prepare(settings: Settings, environ: dict[str, str]) -> str:
    """Bring the database up to date; returns what the demo data said about its accounts."""
    _say("Bringing indexes and validators up to date")
    _flask("db", "sync", environ=environ)
    if not settings.demo:
        return ""
    _say("Loading the demo business")
    return _flask("demo", "load", environ=environ)


def _flask(*command: str, environ: dict[str, str]) -> str:
    """Run one `flask` command to its end and return its output; in a process of its own, as ours is going to fork."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", "flask", *command], env=environ, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        preexec_fn=children.tie_to_parent(), check=False)
    if done.returncode:
        raise CannotStart(f"`flask {' '.join(command)}` failed: its reason stands above.")
    return done.stdout


def _refuse_taken_port(port: int) -> None:
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind(("127.0.0.1", port))
            except PermissionError as error:
                raise CannotStart(f"Port {port} is for root only: choose one above 1023, such as "
                                  "PORT=8000 make up.") from error
            except OSError as error:
                if time.monotonic() > deadline:
                    raise CannotStart(f"Port {port} is taken, perhaps by a Purser that already runs: stop it, or "
                                      f"choose another port, such as PORT={port % 65_535 + 1} make up.") from error
        time.sleep(POLL_SECONDS)


def _watch(settings: Settings, servers: embedded.Servers, accounts: str) -> None:
    """Say when the API answers; end everything when a server of ours ends by itself."""
    announced = False
    while not (ended := servers.ended()):
        if not announced and _lives(settings.port):
            announced = True
            _say(_banner(settings, servers, accounts))
        time.sleep(POLL_SECONDS)
    _say(f"{ended} has ended by itself, so everything stops: read {servers.folder / ended}.log")
    os.kill(os.getpid(), signal.SIGTERM)


def _lives(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def _banner(settings: Settings, servers: embedded.Servers, accounts: str) -> str:
    url = f"http://localhost:{settings.port}"
    return "\n".join([
        "", "Purser is running. Ctrl-C stops it; `make up` finds the data again.", "",
        f"  Console  {url}/admin/",
        f"  API      {url}/api/health/",
        f"  Docs     {url}/swagger/  {url}/redoc/",
        f"  Sockets  ws://localhost:{settings.realtime_port}/ws/realtime/",
        f"  Mail     {settings.data_dir}/outbox.jsonl (every e-mail and SMS)",
        f"  MongoDB  {_without_password(servers.mongo_uri)}",
        f"  Redis    {_without_password(servers.redis_url)}",
        "", *(["  Demo accounts: role, login, password", accounts.rstrip()] if accounts else []), ""])


def _without_password(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command speaks to its terminal


if __name__ == "__main__":
    sys.exit(main())

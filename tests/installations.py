"""`make up` for tests: a whole installation on ports and a folder of its own, which leaves no process behind."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import Settings
from config.supervisor import ROOT


@contextmanager
def own_folder() -> Iterator[Path]:
    """A DATA_DIR; what still runs on it at the end is killed."""
    path = Path(tempfile.mkdtemp(prefix="purser-up-"))
    try:
        yield path
    finally:
        for pid in of_this_run(path):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path)


def environment(folder: Path, **given: str) -> dict[str, str]:
    """The environment of an installation in `folder`: this one, without what leads to the servers of the suite."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    return kept | {"DATA_DIR": str(folder), **given}


def attached(settings: Settings, **given: str) -> dict[str, str]:
    """The environment of a process that works on the servers and data of these settings."""
    return os.environ | {"APP_ENV": "test", "SECRET_KEY": settings.secret_key, "DATA_DIR": str(settings.data_dir),
                         "MONGO_URI": settings.mongo_uri, "REDIS_URL": settings.redis_url, **given}


def eventually(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `condition` comes true within so many seconds; for what other processes do, who cannot tell us."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def supervisor(folder: Path, port: int, **given: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "config.supervisor"], cwd=ROOT, text=True, start_new_session=True,
                            env=environment(folder, PORT=str(port), **{"DEMO": "0", **given}),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def until_running(process: subprocess.Popen) -> None:
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Purser is running"):
            return
    pytest.fail("".join(said))


def of_this_run(folder: Path) -> list[int]:
    """The processes that were given this DATA_DIR, at whatever distance from the supervisor."""
    wanted = f"DATA_DIR={folder}\0".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in environ.read_bytes():
                found.append(int(environ.parent.name))
        except OSError:         # it ended while we looked, or is somebody else's
            continue
    return found

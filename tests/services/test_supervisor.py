"""`make up` from outside: it serves, it ends in order, and nothing outlives it, not even when it is killed."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.supervisor import ROOT

PATIENCE_SECONDS = 90


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="purser-up-"))
    yield path
    for pid in of_this_run(path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def supervisor(folder: Path, port: int) -> subprocess.Popen:
    given = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    return subprocess.Popen([sys.executable, "-m", "config.supervisor"], cwd=ROOT, text=True, start_new_session=True,
                            env=given | {"DATA_DIR": str(folder), "PORT": str(port), "DEMO": "0"},
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


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_it_ends_with_everything_it_started_and_the_next_run_survives_a_kill(folder):
    port = free_port()
    with supervisor(folder, port) as process:
        until_running(process)
        assert len(of_this_run(folder)) > 6
        process.terminate()
        process.communicate()
        assert process.returncode == 0
    assert of_this_run(folder) == []

    with supervisor(folder, port) as process:
        until_running(process)
        process.kill()
    assert eventually(lambda: not of_this_run(folder))


def test_a_taken_port_is_one_sentence(folder):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with supervisor(folder, port) as process:
            said, _ = process.communicate()
    assert process.returncode == 1
    assert said.startswith(f"Purser cannot start: Port {port} is taken")
    assert said.count("\n") == 1

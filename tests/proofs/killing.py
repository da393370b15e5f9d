"""Processes of Purser that die by SIGKILL at a chosen line: forked from one that has imported everything."""
import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The parent of the processes that are killed. `run` tells it what the next one does and where it dies."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.proofs.killing"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, task: str, *, die: str, settings: dict[str, str], **arguments: Any) -> str:
        """Run `task` (`module:function`) in a new process that dies at `die`, and see it dead.

        `die` reads `before` or `after`, `module:Class.function`, and which call of it, such as
        `after documents.wallets:Wallet.move 1`. Returns the id of the database session that was in a
        transaction, as hex, or "". Raises AssertionError when the process lived on.
        """
        job = {"task": task, "die": die, "settings": settings, "arguments": arguments}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        assert os.WIFSIGNALED(said["status"]), f"{task} never came to: {die}"
        assert os.WTERMSIG(said["status"]) == signal.SIGKILL
        return said["session"]

    def close(self) -> None:
        self._process.communicate()


def serve() -> None:
    """Fork for every line on stdin; each child does its task and is waited for."""
    import app  # noqa: F401  imported once for all children; it opens no connection
    import tests.proofs.tasks  # noqa: F401

    for line in sys.stdin:
        job = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _live(job, writer)
        os.close(writer)
        with os.fdopen(reader) as told:
            session = told.read()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"status": status, "session": session}) + "\n")
        sys.stdout.flush()


def _live(job: dict, writer: int) -> None:
    """Do the task; reaching its end means that the chosen line was never met."""
    when, place, count = job["die"].split()
    _arm(place, when, int(count), writer)
    _find(job["task"])(job["settings"], **job["arguments"])
    os._exit(0)


def _arm(place: str, when: str, count: int, writer: int) -> None:
    owner, _, name = place.rpartition("." if "." in place.partition(":")[2] else ":")
    target = _find(owner)
    original = getattr(target, name)
    calls = iter(range(1, count + 1))

    def watched(*args: Any, **kwargs: Any) -> Any:
        last = next(calls, None) == count
        if last and when == "before":
            _die(writer)
        result = original(*args, **kwargs)
        if last:
            _die(writer)
        return result

    of_class = isinstance(target, type) and hasattr(original, "__self__")
    setattr(target, name, staticmethod(watched) if of_class else watched)


def _die(writer: int) -> None:
    from documents.transactions import current_session
    session = current_session()
    if session is not None:
        os.write(writer, bytes(session.session_id["id"]).hex().encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _find(path: str) -> Any:
    module, _, names = path.partition(":")
    found: Any = importlib.import_module(module)
    for name in names.split(".") if names else ():
        found = getattr(found, name)
    return found


if __name__ == "__main__":
    serve()

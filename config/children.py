"""Child processes that never outlive their parent, not even one that was killed with SIGKILL."""
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

STOP_SECONDS = 20
"""How long a child may take to end in good order; mongod needs about one second."""
_PR_SET_PDEATHSIG = 1


def tie_to_parent(signum: int = signal.SIGTERM) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel send the child `signum` when this process dies; None where Linux is not.

    The kernel watches the *thread* that forks, so fork from the main thread.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:      # it died between fork and prctl: nobody would ever send the signal
            os._exit(1)

    return tie


def spawn(command: Sequence[str | Path], *, folder: Path, output: Path) -> subprocess.Popen:
    """Start `command` in `folder`, tied to this process, its output in the file `output`. Raises OSError.

    It gets a session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then ends its children
    in the right order.
    """
    with output.open("w") as log:
        return subprocess.Popen(  # noqa: S603 - our own program, no shell
            [str(part) for part in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=tie_to_parent())


def stop(process: subprocess.Popen) -> None:
    """End `process` in good order, or by force after `STOP_SECONDS`."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def runs_in(pid: int, folder: Path) -> bool:
    """Whether process `pid` is alive and works in `folder`; False where there is no /proc to ask."""
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(folder.resolve())
    except OSError:
        return False

"""`python -m config.alone COMMAND`: one command beside the embedded servers of DATA_DIR, and nothing else there.

A restore must not be watched by workers, which would act on rows whose neighbours are not there yet.
"""
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config import children, embedded
from config.settings import Settings, SettingsError


def main(command: Sequence[str]) -> int:
    """Start the servers, run `command` to its end, stop the servers; returns its exit code."""
    if not command:
        print("Say which command to run, such as: flask db restore FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    try:
        settings = Settings.load()
        with embedded.start(settings, log=_say) as servers:
            environ = os.environ | {
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                "DATA_DIR": str(servers.folder), "MONGO_URI": servers.mongo_uri, "REDIS_URL": servers.redis_url}
            return subprocess.run(command, env=environ, check=False,  # noqa: S603  what the operator typed
                                  preexec_fn=children.tie_to_parent()).returncode
    except SettingsError as error:
        print(f"Purser cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - a command speaks to its terminal


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

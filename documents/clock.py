"""The one source of time: UTC, at the millisecond MongoDB keeps; tests and demos may move it."""
import os
import tempfile
import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FILE_NAME = "clock_offset"
"""What the file that a demo's processes follow is called; it stands in DATA_DIR."""

_ZERO = timedelta(0)
_offset = _ZERO
_lock = threading.Lock()
_shared: Path | None = None
_read: tuple[tuple[int, int], timedelta] = ((0, 0), _ZERO)


def now() -> datetime:
    """The current time, aware, in UTC, cut to milliseconds so that what is stored equals what was computed."""
    moment = datetime.now(UTC) + (_offset if _shared is None else _offset + _shared_offset(_shared))
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def shift(offset: timedelta) -> None:
    """Move the clock of this process by `offset` from the real time (zero puts it back)."""
    global _offset
    with _lock:
        _offset = offset


def follow(file: Path | None) -> None:
    """Let `file` say how far this process's time is off, so that all processes of a demo agree; None stops it.

    DEBUG only. It costs one `stat` a call of `now`; the file stays, so a demo restarted tomorrow is still where it was.
    """
    global _shared
    _shared = file


def shift_everywhere(offset: timedelta) -> None:
    """Move the clock of every process that follows the same file; raises RuntimeError when this one follows none."""
    if _shared is None:
        raise RuntimeError("This process follows no clock file.")
    with tempfile.NamedTemporaryFile("w", dir=_shared.parent, delete=False) as file:
        file.write(str(int(offset.total_seconds())))
    os.replace(file.name, _shared)


def _shared_offset(file: Path) -> timedelta:
    global _read
    try:
        found = file.stat()
    except FileNotFoundError:
        return _ZERO
    version = (found.st_mtime_ns, found.st_ino)
    if version != _read[0]:
        _read = (version, timedelta(seconds=int(file.read_text())))
    return _read[1]


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of `moment` in `zone`."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day` in `zone`, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)

"""The one source of time: UTC, at the millisecond MongoDB keeps; tests and demos may move it."""
import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_offset = timedelta(0)
_lock = threading.Lock()


def now() -> datetime:
    """The current time, aware, in UTC, cut to milliseconds so that what is stored equals what was computed."""
    moment = datetime.now(UTC) + _offset
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def shift(offset: timedelta) -> None:
    """Move the clock of this process by `offset` from the real time (zero puts it back)."""
    global _offset
    with _lock:
        _offset = offset


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of `moment` in `zone`."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day` in `zone`, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)

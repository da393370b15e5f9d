"""Counting what a piece of work asks of MongoDB."""
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import monitoring

_QUIET = {"hello", "ismaster", "ping", "endSessions"}


class _Recorder(monitoring.CommandListener):
    def __init__(self) -> None:
        self.names: list[str] | None = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self.names is not None and event.command_name not in _QUIET:
            self.names.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


_recorder = _Recorder()
monitoring.register(_recorder)  # at import: pymongo asks for listeners when a client is made


@contextmanager
def counted() -> Iterator[list[str]]:
    """The names of the commands sent to MongoDB inside the block, in order."""
    _recorder.names = names = []
    try:
        yield names
    finally:
        _recorder.names = None


class _Writes(monitoring.CommandListener):
    def __init__(self) -> None:
        self.collections: set[str] | None = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        stages = event.command.get("pipeline", [])
        stores = any("$out" in stage or "$merge" in stage for stage in stages)
        if self.collections is not None and (event.command_name in _WRITES or stores):
            self.collections.add(str(event.command[event.command_name]))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


_WRITES = {"insert", "update", "findAndModify", "delete", "bulkWrite"}
_writes = _Writes()
monitoring.register(_writes)


@contextmanager
def written() -> Iterator[set[str]]:
    """The collections that were written to inside the block."""
    _writes.collections = names = set()
    try:
        yield names
    finally:
        _writes.collections = None

"""Recording what happened; whoever hands events to the workers listens for the wake-up."""
from collections.abc import Callable
from typing import Any

from documents import clock
from documents.events import Event
from documents.transactions import after_commit

_wakers: list[Callable[[], None]] = []


def record(type_: str, *, subject: str, user: int | None = None, merchant: int | None = None, **data: Any) -> Event:
    """Write one event into the surrounding transaction and wake the dispatcher after its commit."""
    event = Event(type=type_, subject=subject, user=user, merchant=merchant, data=data, created_at=clock.now()).create()
    after_commit(_wake)
    return event


def on_recorded(waker: Callable[[], None]) -> None:
    """Call `waker` after each commit that recorded an event. It must not raise: the sweeper is the guarantee."""
    if waker not in _wakers:
        _wakers.append(waker)


def _wake() -> None:
    for waker in _wakers:
        waker()

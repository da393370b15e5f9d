"""Recording what happened; whoever hands events to the workers listens for the wake-up."""
from collections.abc import Callable
from typing import Any

from bson import ObjectId

from documents import clock
from documents.events import NEEDS_A_PERSON, Event
from services.wakeups import Wakeup

_recorded: Wakeup[[]] = Wakeup()


def record(type_: str, *, subject: str, user: int | None = None, merchant: int | None = None, **data: Any) -> ObjectId:
    """Write one event into the surrounding transaction and wake the dispatcher after its commit; returns its id."""
    now = clock.now()
    # A row, not a document: every payment writes one, and MongoEngine would cost as much as the insert.
    row: dict[str, Any] = {
        "_id": ObjectId(), "type": type_, "subject": subject, "user": user, "merchant": merchant, "data": data,
        "created_at": now, "due_at": now, "unseen": type_ in NEEDS_A_PERSON or None}
    Event.insert({name: value for name, value in row.items() if value is not None})
    _recorded.after_commit()
    return row["_id"]


def on_recorded(waker: Callable[[], None]) -> None:
    """Call `waker` after each commit that recorded an event. It must not raise: the sweeper is the guarantee."""
    _recorded.listen(waker)

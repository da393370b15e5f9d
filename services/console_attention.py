"""What no program can put right: events that stay on the console's first page until staff have ticked them off."""
from bson import ObjectId
from bson.errors import InvalidId

from documents.errors import Conflict, NotFound
from documents.events import Event
from documents.transactions import atomic
from services import staff_actions
from services.console_figures import LONGEST_MS

MOST_SHOWN = 50
NOTICE = "notification.created"


class TickedOff(Conflict):
    code = "ticked_off"
    detail = "Somebody has ticked this off already."


def waiting() -> list[Event]:
    """The newest of them, and one more than `MOST_SHOWN` when there are more. Index: events(unseen, _id)."""
    return list(Event.find({"unseen": True}, sort=[("_id", -1)], limit=MOST_SHOWN + 1))


def newest(limit: int) -> list[dict]:
    """The latest events as they are stored, newest first, without the notices that follow from other events."""
    return list(Event.collection().find({"type": {"$ne": NOTICE}}, sort=[("_id", -1)], limit=limit,
                                        max_time_ms=LONGEST_MS))


@atomic
def tick_off(*, event_id: str, actor: int, address: str, reason: str = "") -> Event:
    """Take an event off the list and write into the audit list who did. Raises NotFound, TickedOff."""
    try:
        key = ObjectId(event_id)
    except InvalidId as error:
        raise NotFound from error
    event = Event.tick_off(key)
    if event is None:
        Event.get(key)
        raise TickedOff
    staff_actions.record(name="attention.done", subject=event.subject, actor=actor, address=address, reason=reason,
                         user=event.user, before={"event": event.type}, after={"ticked_off": event_id})
    return event

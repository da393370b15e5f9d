"""What staff see as it happens: every event, with nothing in it that could be used."""
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from aggregations import realtime as pipelines
from config import settings
from documents import money
from documents.wallets import POINTS
from services.realtime_feed import Feed
from services.realtime_frames import Content, Frame, make
from services.realtime_hub import Hub

STAFF = "staff"
"""The channel."""
REMEMBERED = 2_000
REWIND_SECONDS = 60
AMOUNTS = ("amount", "final_amount", "total_price", "reward_value")
"""What an event calls the money it is about; the first that it has is shown."""
FACTS = ("status", "method", "kind", "reward_type", "reward_unit", "role", "quantity", "number", "outcome", "count",
         "plan_title", "provider_title", "type_code", "issue_type", "gateway", "basis_points")
"""What may be shown of an event: no code that can be redeemed, no address, no free text."""
PARKED = {"events": "event.parked", "gateway_events": "gateway_event.parked"}
"""What staff hear when one of these collections gives something up."""
FAILURES = ("recharge", "payment", "referral")
"""Where `code` says what went wrong; elsewhere it may be worth money."""


def frames_of(change: dict) -> list[Frame]:
    """The frame of an event, or of what has just been given up."""
    if change["operationType"] == "insert":
        event = change["fullDocument"]
        return [make(str(event["_id"]), shown(event), STAFF)]
    name = PARKED[change["ns"]["coll"]]
    key, moment = str(change["documentKey"]["_id"]), change["clusterTime"]
    # Made of what every process reads alike, in the form that the ids of events have.
    frame_id = f"{moment.time:08x}{hashlib.sha256(f'{name}:{key}'.encode()).hexdigest()[:16]}"
    content = {"type": "EVENT", "event": name, "subject": f"{name.partition('.')[0]}:{key}",
               "at": _text(moment.as_datetime())}
    return [make(frame_id, content, STAFF)]


def shown(event: dict) -> Content:
    """What staff are told of an event as it is stored."""
    data = event.get("data") or {}
    content: Content = {"type": "EVENT", "event": event["type"], "subject": event["subject"],
                        "at": _text(event["created_at"])}
    content |= {name: event[name] for name in ("user", "merchant") if event.get(name) is not None}
    amount = next((data[name] for name in AMOUNTS if isinstance(data.get(name), int)), None)
    if amount is not None:
        unit = POINTS if data.get("reward_unit") == POINTS else settings.current().currency
        content |= {"amount": money.text(amount), "unit": unit}
    facts = (*FACTS, "code") if event["type"].partition(".")[0] in FAILURES else FACTS
    return content | {name: _plain(data[name]) for name in facts if data.get(name) is not None}


class StaffFeed:
    """A change stream of its own that runs while somebody listens: without staff at the console it costs nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners = 0
        self._feed: Feed | None = None

    @contextmanager
    def followed(self) -> Iterator[Hub]:
        """The hub of this process that every event goes into; the first one in starts it, the last one out ends it."""
        with self._lock:
            if self._feed is None:
                # A new hub each time: what an old one remembers has a gap behind it.
                self._feed = Feed(Hub(remembered=REMEMBERED), pipeline=pipelines.changes_for_staff(),
                                  frames=frames_of, rewind=REWIND_SECONDS)
                self._feed.start()
            feed = self._feed
            self._listeners += 1
        try:
            yield feed.hub
        finally:
            with self._lock:
                self._listeners -= 1
                if not self._listeners:
                    feed.stop()
                    self._feed = None

    def close(self) -> None:
        """Ask every listener to go and come back elsewhere."""
        with self._lock:
            if self._feed is not None:
                self._feed.hub.close()


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int)) else str(value)[:100]

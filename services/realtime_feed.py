"""The change stream of a process that serves sockets: what commits, in its order, into the hub."""
import logging
import threading
from collections.abc import Callable, Sequence

from bson import Timestamp
from pymongo.errors import OperationFailure, PyMongoError

from aggregations import realtime as pipelines
from config.connections import database
from services.realtime_frames import WRITERS, Frame, frames_of
from services.realtime_hub import Hub

REWIND_SECONDS = 300
"""How far back a process that starts reads, so that the sockets of the one before it can resume."""
AWAIT_MS = 1_000
PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


class Feed:
    """Follows the database until it is stopped, whatever happens to the connection."""

    def __init__(self, hub: Hub, *, pipeline: Sequence[dict] | None = None,
                 frames: Callable[[dict], list[Frame]] | None = None, rewind: int = REWIND_SECONDS) -> None:
        """`pipeline` chooses the changes, `frames` makes what is sent of one; people's own, unless told otherwise."""
        self.hub = hub
        self._pipeline = list(pipeline or pipelines.changes(WRITERS))
        self._frames = frames or _own_frames
        self.follows = False
        """Whether the stream is open: what a health check wants to know."""
        self._stopped = threading.Event()
        self._position: dict = {}
        self._back = rewind
        self._gap = False

    def start(self) -> None:
        """Follow in a thread of its own."""
        threading.Thread(target=self.run, name="realtime-feed", daemon=True).start()

    def stop(self) -> None:
        """Let go within `AWAIT_MS`."""
        self._stopped.set()

    def run(self) -> None:
        """Follow until `stop`; sockets keep waiting while MongoDB is away, and then get what they have missed."""
        while not self._stopped.is_set():
            try:
                self._follow()
            except OperationFailure as error:
                # The server has answered, and cannot go on from there: its oplog does not reach back that far.
                log.warning("The change stream starts anew: %s", error)
                self._position, self._back, self._gap = {}, 0, True
            except PyMongoError as error:
                log.warning("The change stream is interrupted: %s", error)
            finally:
                self.follows = False
            self._stopped.wait(PAUSE_SECONDS)

    def _follow(self) -> None:
        if not self._position:
            self._position = {"start_at_operation_time": _operation_time(back=self._back)}
        with database().watch(self._pipeline, max_await_time_ms=AWAIT_MS, **self._position) as stream:
            self.follows = True
            if self._gap:       # now that nothing more can go by unseen
                self.hub.lost()
                self._gap = False
            while not self._stopped.is_set():
                change = stream.try_next()
                if change is not None:
                    self._take(change)
                self._position = {"resume_after": stream.resume_token}

    def _take(self, change: dict) -> None:
        try:
            self._act_on(change, change["ns"]["coll"])
        except (AttributeError, KeyError, TypeError, ValueError):
            # One document that is not as it should be must not blind every socket to the others.
            log.exception("A change of %s %s cannot be read", change["ns"]["coll"], change["documentKey"]["_id"])

    def _act_on(self, change: dict, source: str) -> None:
        if source in ("events", "gateway_events"):
            for frame in self._frames(change):
                self.hub.publish(frame)
        elif source == "sessions":
            self.hub.end_session(change["documentKey"]["_id"])
        elif source == "merchants":
            self.hub.recheck(change["fullDocument"]["user"])
        else:
            self.hub.recheck(int(change["documentKey"]["_id"].partition(":")[2]))


def _own_frames(change: dict) -> list[Frame]:
    return frames_of(change["fullDocument"])


def _operation_time(back: int = 0) -> Timestamp:
    now = database().command("ping")["operationTime"]
    return Timestamp(now.time - back, now.inc)

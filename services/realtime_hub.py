"""Handing frames out inside one process: who listens, who is too slow, and what was sent lately."""
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from itertools import islice
from queue import Empty, SimpleQueue

from bson import ObjectId

from services import realtime_frames
from services.realtime_frames import Frame

REMEMBERED = 20_000
"""Frames kept for sockets that come back: over three minutes at a hundred a second, about 15 MB."""
LONGEST_QUEUE = 500
"""Frames a socket may lie behind before it is cut off; it resumes when it can."""
MOST_SOCKETS = 20
"""Of one person in one process."""


class Code(IntEnum):
    """Why a socket is closed; the numbers from 4400 on are ours."""

    GOING_AWAY = 1001
    TOO_BIG = 1009
    FAILED = 1011
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    NO_TOKEN_IN_TIME = 4408
    TOO_SLOW = 4409
    TOO_MANY = 4429


@dataclass(frozen=True, slots=True)
class End:
    """The last thing a socket's queue holds."""

    code: Code | None
    """None when the other side has gone already."""
    reason: str = ""


class Signal(Enum):
    RECHECK = "recheck"
    """The rights of this person may have changed."""


Item = Frame | End | Signal


class Subscriber:
    """One socket's place in the hub: whose it is, what it listens to, and what it still has to be sent."""

    def __init__(self, *, user: int, sid: str, channels: Iterable[str] = ()) -> None:
        self.user, self.sid = user, sid
        self.channels = frozenset(channels)
        self.queue: SimpleQueue[Item] = SimpleQueue()
        self.ended = False

    def next(self, timeout: float) -> Item | None:
        """What to do next; None when there was nothing for `timeout` seconds."""
        try:
            return self.queue.get(timeout=timeout)
        except Empty:
            return None

    def put(self, item: Item) -> None:
        """Queue `item`; of one that lies too far behind only the end is queued."""
        if self.ended:
            return
        if self.queue.qsize() >= LONGEST_QUEUE:
            item = End(Code.TOO_SLOW, "Too slow")
        self.ended = isinstance(item, End)
        self.queue.put(item)


class Hub:
    """All sockets of this process, and the latest frames in the order of their commits.

    That order is the same in every process, so a frame's id says everywhere which frames came after it.
    """

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._lock = threading.Lock()
        self._frames: deque[Frame] = deque()
        self._numbers: dict[str, int] = {}
        self._count = 0
        self._listeners: dict[str, set[Subscriber]] = defaultdict(set)
        self._waiting: dict[str, set[Subscriber]] = defaultdict(set)
        self._users: dict[int, set[Subscriber]] = defaultdict(set)

    def join(self, subscriber: Subscriber) -> bool:
        """Count the subscriber in; False when this person has too many sockets open."""
        with self._lock:
            of_user = self._users[subscriber.user]
            if len(of_user) >= MOST_SOCKETS:
                return False
            of_user.add(subscriber)
            return True

    def leave(self, subscriber: Subscriber) -> None:
        """Forget the subscriber."""
        with self._lock:
            self._detach(subscriber)
            for after in [after for after, waiting in self._waiting.items() if subscriber in waiting]:
                self._discard(self._waiting, after, subscriber)
            self._discard(self._users, subscriber.user, subscriber)

    def listen(self, subscriber: Subscriber) -> str:
        """Queue every frame from now on; returns the id to resume after should the first one never arrive."""
        with self._lock:
            self._attach(subscriber)
            return self._newest()

    def resume(self, subscriber: Subscriber, after: str) -> bool:
        """Queue every frame after `after`, old and new. False when that one is not known (yet): the subscriber then
        hears nothing until it comes by, or until `resync`."""
        with self._lock:
            number = self._numbers.get(after)
            if number is None:
                self._waiting[after].add(subscriber)
                return False
            oldest = self._count - len(self._frames)
            for frame in islice(self._frames, number + 1 - oldest, None):
                if not subscriber.channels.isdisjoint(frame.channels):
                    subscriber.queue.put(frame)
            self._attach(subscriber)
            return True

    def resync(self, subscriber: Subscriber, after: str) -> None:
        """Stop waiting for `after`, if the subscriber still does: it is told to read everything anew, and listens."""
        with self._lock:
            if subscriber not in self._waiting.get(after, ()):
                return
            self._discard(self._waiting, after, subscriber)
            subscriber.put(_resync(self._newest()))
            self._attach(subscriber)

    def publish(self, frame: Frame) -> None:
        """Hand `frame` to everybody who listens, and remember it. Nothing for one that was published before."""
        with self._lock:
            if frame.id in self._numbers:
                return
            self._remember(frame)
            for subscriber in {one for channel in frame.channels for one in self._listeners.get(channel, ())}:
                subscriber.put(frame)
            for subscriber in self._waiting.pop(frame.id, ()):
                self._attach(subscriber)

    def rewire(self, subscriber: Subscriber, channels: frozenset[str]) -> None:
        """Let the subscriber listen to `channels` from now on."""
        with self._lock:
            listens = self._detach(subscriber)
            subscriber.channels = channels
            if listens:
                self._attach(subscriber)

    def lost(self) -> None:
        """Frames went by unseen: everybody is told to read everything anew."""
        with self._lock:
            self._frames.clear()
            self._numbers.clear()
            for waiting in self._waiting.values():
                for subscriber in waiting:
                    self._attach(subscriber)
            self._waiting.clear()
            notice = _resync(self._newest())
            for subscriber in self._everybody():
                subscriber.put(notice)

    def end_session(self, sid: str) -> None:
        """Close the sockets of a login that has ended."""
        self._tell(End(Code.UNAUTHENTICATED, "Session ended"), lambda one: one.sid == sid)

    def recheck(self, user_id: int) -> None:
        """Have the rights of one person looked up again."""
        with self._lock:
            for subscriber in self._users.get(user_id, ()):
                subscriber.put(Signal.RECHECK)

    def close(self) -> None:
        """Ask every socket to go and come back elsewhere."""
        self._tell(End(Code.GOING_AWAY, "Restarting"), lambda one: True)

    def __len__(self) -> int:
        return sum(map(len, self._users.values()))

    def _tell(self, item: Item, concerns: Callable[[Subscriber], bool]) -> None:
        with self._lock:
            for subscriber in self._everybody():
                if concerns(subscriber):
                    subscriber.put(item)

    def _everybody(self) -> list[Subscriber]:
        return [one for of_user in self._users.values() for one in of_user]

    def _remember(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._numbers[frame.id] = self._count
        self._count += 1
        if len(self._frames) > self._remembered:
            del self._numbers[self._frames.popleft().id]

    def _newest(self) -> str:
        if not self._frames:    # a place to come back to, before anything has happened
            self._remember(Frame(id=str(ObjectId()), channels=frozenset(), text=""))
        return self._frames[-1].id

    def _attach(self, subscriber: Subscriber) -> None:
        for channel in subscriber.channels:
            self._listeners[channel].add(subscriber)

    def _detach(self, subscriber: Subscriber) -> bool:
        listens = any(subscriber in self._listeners.get(channel, ()) for channel in subscriber.channels)
        for channel in subscriber.channels:
            self._discard(self._listeners, channel, subscriber)
        return listens

    @staticmethod
    def _discard(index: dict, key: int | str, subscriber: Subscriber) -> None:
        index[key].discard(subscriber)
        if not index[key]:
            del index[key]


def _resync(newest: str) -> Frame:
    return realtime_frames.make(newest, {"type": "RESYNC"})

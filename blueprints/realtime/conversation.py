"""One client from its handshake to its close code."""
import logging
import threading
import time
from contextlib import ExitStack

from pymongo.errors import PyMongoError

from blueprints.guards import token_claims
from blueprints.realtime import callers
from blueprints.realtime.callers import Greeting
from blueprints.realtime.connection import LINGER_SECONDS, Connection, Gone, TooBig
from documents import clock
from documents.errors import Unauthenticated
from services import realtime, realtime_frames
from services.realtime_hub import Code, End, Hub, Signal, Subscriber
from services.realtime_staff import StaffFeed

GREETING_SECONDS = 5.0
PING_SECONDS = 30.0
CHECK_SECONDS = 300.0
"""How often the rights of an open socket are looked up; what takes them away comes by the change stream at once."""
RESUME_SECONDS = 5.0
"""How far this process may lie behind the one that has sent the last frame."""
OLDEST_RESUME_SECONDS = 600.0

log = logging.getLogger(__name__)


class Conversation:
    """Writes in the thread that calls `hold`; another one reads."""

    def __init__(self, hub: Hub, connection: Connection, query: str, staff_feed: StaffFeed) -> None:
        self._hub, self._connection = hub, connection
        self._greeting = callers.from_query(query)
        self._staff_feed = staff_feed if callers.wants_staff_feed(query) else None
        self._held = ExitStack()
        self._expires_at = 0
        self._last = ""

    def hold(self) -> None:
        """Talk until one side ends it."""
        started = time.monotonic()
        try:
            with self._held:
                end = self._converse()
        except Gone:
            end = End(None)
        log.info("Socket closed", extra={"code": end.code, "reason": end.reason,
                                         "seconds": round(time.monotonic() - started, 1)})

    def _converse(self) -> End:
        token, subprotocol = callers.from_subprotocols(self._connection.offered)
        self._connection.accept(subprotocol)
        if token is not None:
            self._greeting = Greeting(token=token, last_event_id=self._greeting.last_event_id)
        subscriber = self._enter()
        if isinstance(subscriber, End):
            self._connection.close(subscriber.code, subscriber.reason)
            self._connection.drain()
            return subscriber
        try:
            return self._serve(subscriber)
        finally:
            self._hub.leave(subscriber)

    def _enter(self) -> Subscriber | End:
        """The subscriber that the token stands for, counted in and with its rights, or why there is none."""
        try:
            greeting = self._greeting if self._greeting.token is not None else self._first_message()
            claims = token_claims(greeting.token, "access", "realtime")
        except Unauthenticated as error:
            return End(Code.UNAUTHENTICATED, error.detail)
        except TimeoutError:
            return End(Code.NO_TOKEN_IN_TIME, f"No token within {GREETING_SECONDS:g} seconds")
        except TooBig:
            return End(Code.TOO_BIG, "Message too big")
        self._greeting, self._expires_at = greeting, claims["exp"]
        subscriber = Subscriber(user=claims["user_id"], sid=claims["sid"])
        if self._staff_feed is not None:
            rights = self._rights(subscriber)
            if isinstance(rights, End):     # before anything is followed for somebody who may not hear it
                return rights
            self._hub = self._held.enter_context(self._staff_feed.followed())
        if not self._hub.join(subscriber):
            return End(Code.TOO_MANY, "Too many sockets")
        # Only now: an end of the session that this look misses finds the subscriber in the hub.
        end = self._check(subscriber)
        if end is not None:
            self._hub.leave(subscriber)
        return end or subscriber

    def _first_message(self) -> Greeting:
        for text in self._connection.messages(within=GREETING_SECONDS):
            said = callers.from_message(text)
            return Greeting(token=said.token, last_event_id=said.last_event_id or self._greeting.last_event_id)
        raise TimeoutError

    def _check(self, subscriber: Subscriber) -> End | None:
        """Look the rights up, and why the socket must close if it must."""
        rights = self._rights(subscriber)
        if isinstance(rights, End):
            return rights
        self._hub.rewire(subscriber, rights)
        return None

    def _rights(self, subscriber: Subscriber) -> frozenset[str] | End:
        if self._expires_at <= clock.now().timestamp():
            return End(Code.UNAUTHENTICATED, "Token expired")
        look_up = realtime.channels_for if self._staff_feed is None else realtime.staff_channels_for
        try:
            channels = look_up(sid=subscriber.sid, user_id=subscriber.user)
        except PyMongoError:
            return End(Code.FAILED, "Try again shortly")
        if channels is None:
            return End(Code.UNAUTHENTICATED, "Session ended")
        return channels or End(Code.FORBIDDEN, "Not for this account")

    def _serve(self, subscriber: Subscriber) -> End:
        waits = self._begin(subscriber)
        reader = threading.Thread(target=self._read, args=(subscriber,), daemon=True)
        reader.start()
        try:
            end = self._write(subscriber, RESUME_SECONDS if waits else PING_SECONDS)
            if end.code is not None:
                self._connection.close(end.code, end.reason)
            return end
        finally:
            reader.join(LINGER_SECONDS)

    def _begin(self, subscriber: Subscriber) -> bool:
        """Start listening and say where; True when the last frame of the client is still to come by."""
        last = self._greeting.last_event_id
        if last is None:
            self._welcome(subscriber, self._hub.listen(subscriber))
            return False
        known = callers.is_frame_id(last)
        waits = not self._hub.resume(subscriber, last)
        # The id the client came with: it has not got what follows yet, and may be cut off before it does.
        self._welcome(subscriber, last)
        self._last = last
        if waits and not (known and callers.age_of(last, time.time()) < OLDEST_RESUME_SECONDS):
            self._hub.resync(subscriber, last)
            return False
        return waits

    def _welcome(self, subscriber: Subscriber, position: str) -> None:
        self._connection.send(realtime_frames.make(position, {"type": "CONNECTED", "user": subscriber.user}).text)

    def _write(self, subscriber: Subscriber, first_pause: float) -> End:
        tick = time.monotonic() + first_pause
        check = time.monotonic() + CHECK_SECONDS
        while True:
            item = subscriber.next(max(0.0, tick - time.monotonic()))
            if isinstance(item, End):
                return item
            if isinstance(item, realtime_frames.Frame):
                self._connection.send(item.text)
            now = time.monotonic()
            if now >= tick:
                self._hub.resync(subscriber, self._last)
                self._connection.ping()
                tick = now + PING_SECONDS
            if item is Signal.RECHECK or now >= check or self._expires_at <= clock.now().timestamp():
                end = self._check(subscriber)
                # Without MongoDB nothing is told either, and what ended meanwhile comes with the rest of the stream.
                if end is not None and end.code is not Code.FAILED:
                    return end
                check = now + CHECK_SECONDS

    def _read(self, subscriber: Subscriber) -> None:
        """Hear pongs and the end; what a client says after its greeting has no meaning."""
        end = End(None)
        try:
            for _ in self._connection.messages():
                continue
        except Gone:
            pass
        except TooBig:
            end = End(Code.TOO_BIG, "Message too big")
        subscriber.put(end)

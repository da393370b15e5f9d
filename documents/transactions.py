"""MongoDB transactions for MongoEngine documents, which know no sessions of their own."""
import functools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from config.connections import database
from documents.errors import Unavailable

RETRY_SECONDS = 10.0
"""How long a transaction that keeps losing is retried before the caller hears 503."""
FIRST_PAUSE_SECONDS = 0.002
LONGEST_PAUSE_SECONDS = 0.1

TURNS = 64
"""How many hot documents of a process can have queues of their own; beyond, two may share one."""

_turns = [threading.Lock() for _ in range(TURNS)]
_hot: ContextVar[str | None] = ContextVar("hot", default=None)
_session: ContextVar[ClientSession | None] = ContextVar("mongo_session", default=None)
_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)

P = ParamSpec("P")
R = TypeVar("R")


def current_session() -> ClientSession | None:
    """The session of the transaction this call runs in, or None outside one."""
    return _session.get()


def in_transaction() -> bool:
    return _session.get() is not None


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the surrounding transaction is committed; at once when there is none.

    It is not called when the transaction is given up, and called once however often the function was retried or the
    same callback asked for.
    """
    callbacks = _after_commit.get()
    if callbacks is None:
        callback()
    elif callback not in callbacks:
        callbacks.append(callback)


def expect_contention(name: str) -> None:
    """Say that this transaction is about to write to a document which many write to at once.

    If it loses, it tries again in a queue with the other losers of this process and not against them. Without the
    queue, 500 threads on one coupon made two uses a second and then 503s; with it, some fifty and none.
    """
    # In a queue already, it goes on: who waited for one hot document does not start again for a second one.
    queued = _hot.get() is not None
    _hot.set(name)
    if not queued and _turn_of(name).locked():
        raise _Overtaking


class _Overtaking(PyMongoError):
    """There is a queue already: start again at its end, before it costs a conflict."""

    def has_error_label(self, label: str) -> bool:
        return label == "TransientTransactionError"


def atomic(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in one transaction (majority, snapshot); a nested call joins the outer one.

    The whole function runs again after a transient error, so it may do nothing but touch the database.
    Raises Unavailable when it keeps losing for `RETRY_SECONDS`; any other exception aborts and passes through.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if in_transaction():
            return function(*args, **kwargs)
        deadline = time.monotonic() + RETRY_SECONDS
        pause = FIRST_PAUSE_SECONDS
        hot = None
        while True:
            _hot.set(hot)
            try:
                # The turn is taken before the transaction begins: a snapshot made while waiting would be too old.
                with _turn(hot, deadline):
                    return _attempt(function, args, kwargs, deadline)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
                if time.monotonic() >= deadline:
                    raise Unavailable from error
            hot = _hot.get()
            time.sleep(random.uniform(0, pause))  # noqa: S311  jitter
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    return run


@contextmanager
def snapshot() -> Iterator[None]:
    """Let every read inside see the database as it is now, however long it takes (the server keeps five minutes).

    For reading only: a write inside fails.
    """
    with database().client.start_session(snapshot=True) as session, _bound(session):
        yield


@contextmanager
def _turn(hot: str | None, deadline: float) -> Iterator[None]:
    """Wait in the queue of `hot`, if it is one. Raises Unavailable when `deadline` comes first."""
    if hot is None:
        yield
        return
    turn = _turn_of(hot)
    if not turn.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise Unavailable
    try:
        yield
    finally:
        turn.release()


def _turn_of(name: str) -> threading.Lock:
    return _turns[hash(name) % TURNS]


def _attempt(function: Callable[..., R], args: tuple, kwargs: dict, deadline: float) -> R:
    with database().client.start_session() as session, _bound(session) as callbacks:
        session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"),
                                  read_preference=ReadPreference.PRIMARY)
        try:
            result = function(*args, **kwargs)
        except BaseException:
            session.abort_transaction()
            raise
        _commit(session, deadline)
    for callback in callbacks:
        callback()
    return result


def _commit(session: ClientSession, deadline: float) -> None:
    while True:
        try:
            return session.commit_transaction()
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult") or time.monotonic() >= deadline:
                raise


@contextmanager
def _bound(session: ClientSession) -> Iterator[list[Callable[[], None]]]:
    callbacks: list[Callable[[], None]] = []
    session_token = _session.set(session)
    callbacks_token = _after_commit.set(callbacks)
    try:
        yield callbacks
    finally:
        _after_commit.reset(callbacks_token)
        _session.reset(session_token)

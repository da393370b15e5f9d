"""Telling the workers, after a commit, that there is something for them: a hint for speed, never a promise."""
from collections.abc import Callable
from functools import partial
from typing import Generic, ParamSpec

from documents.transactions import after_commit

P = ParamSpec("P")


class Wakeup(Generic[P]):
    """One kind of hint. Listeners must not raise: whoever sweeps the database is the guarantee."""

    def __init__(self) -> None:
        self._listeners: list[Callable[P, None]] = []

    def listen(self, listener: Callable[P, None]) -> None:
        """Call `listener` on each hint; repeating this changes nothing."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def after_commit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Give the hint once the surrounding transaction is committed; at once when there is none.

        One that says nothing but "look" is given once a transaction, however many events that recorded.
        """
        after_commit(partial(self._tell, *args, **kwargs) if args or kwargs else self._tell)

    def _tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in self._listeners:
            listener(*args, **kwargs)

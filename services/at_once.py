"""Reads that the server works on at once: an aggregation keeps one of its cores busy, and some figures need several."""
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(reads: Sequence[Callable[[], T]]) -> list[T]:
    """What each of `reads` returns, in their order. They run outside of any surrounding transaction."""
    # Threads of its own for each call: none is kept that a forked worker would believe it has.
    with ThreadPoolExecutor(len(reads)) as pool:
        return [running.result() for running in [pool.submit(read) for read in reads]]

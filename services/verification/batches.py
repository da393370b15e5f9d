"""Reading rows a thousand at a time, so that each batch asks the ledger once."""
from collections.abc import Iterable, Iterator
from itertools import islice

BATCH = 1_000


def batches(rows: Iterable[dict]) -> Iterator[list[dict]]:
    """The rows in lists of at most `BATCH`, as they come from the server."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch

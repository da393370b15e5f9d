"""Sealing ledger entries into a hash chain, behind the writers' backs and never in their way."""
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import bson
from bson import ObjectId

from documents import clock
from documents.base import Duplicate
from documents.ledger import LedgerEntry, Seal
from documents.transactions import current_session

GENESIS = "0" * 64
BATCH = 500
SETTLED_AFTER = timedelta(seconds=90)
"""An entry older than this is either committed or gone: it is longer than a transaction may live."""
LOOK_BACK = timedelta(hours=1)
"""How far below the newest sealed entry a normal run looks for entries that were committed late."""


def seal_entries(*, everything: bool = False, settled_after: timedelta = SETTLED_AFTER) -> int:
    """Seal settled entries that no seal holds yet; returns how many. Harmless when two run at once.

    A normal run looks at what is newer than the last seal, less `LOOK_BACK`; `everything` looks at all entries.
    """
    last = last_seal()
    sealed = 0
    rows = unsealed(since=None if everything or last is None else covered_until(last), settled_after=settled_after)
    while batch := list(islice(rows, BATCH)):
        try:
            last = _seal(last, batch)
        except Duplicate:
            break  # another sealer is at it, and takes these too
        sealed += len(batch)
    return sealed


def last_seal() -> Seal | None:
    return next(iter(Seal.find({}, sort=[("_id", -1)], limit=1)), None)


def digest_of(previous: str, entries: list[dict]) -> str:
    """Hex SHA-256 over the digest before and each entry's BSON, as the server keeps it."""
    digest = hashlib.sha256(previous.encode())
    for entry in entries:
        digest.update(bson.encode(entry))
    return digest.hexdigest()


def covered_until(last: Seal) -> ObjectId:
    """Below this id no normal run looks again: the newest sealed entry, less `LOOK_BACK`."""
    return ObjectId.from_datetime(max(last.entries).generation_time - LOOK_BACK)


def unsealed(*, since: ObjectId | None = None, until: ObjectId | None = None,
             settled_after: timedelta = SETTLED_AFTER) -> Iterator[dict]:
    """Settled entries that no seal holds, oldest first, with ids from `since` to `until`.

    Ids are made before the commit, so an entry may appear below ones that are sealed already: the anti-join
    finds it there. Ids carry the real time, which `documents.clock` may not move.
    """
    settled = ObjectId.from_datetime(datetime.now(UTC) - settled_after + timedelta(seconds=1))
    bounds = {"$lt": min(settled, until or settled), **({"$gte": since} if since else {})}
    return LedgerEntry.collection().aggregate([
        {"$match": {"_id": bounds}}, {"$sort": {"_id": 1}},
        {"$lookup": {"from": "seals", "localField": "_id", "foreignField": "entries", "as": "seal",
                     "pipeline": [{"$project": {"_id": 1}}]}},
        {"$match": {"seal": []}}, {"$unset": "seal"}], allowDiskUse=True, session=current_session())


def _seal(last: Seal | None, batch: list[dict]) -> Seal:
    previous = last.digest if last else GENESIS
    return Seal(number=last.number + 1 if last else 1, entries=[entry["_id"] for entry in batch], previous=previous,
                digest=digest_of(previous, batch), created_at=clock.now()).create()

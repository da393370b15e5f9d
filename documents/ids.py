"""Integer ids handed out in blocks, so that no insert waits on a hot counter, and time-ordered string ids."""
import threading

import uuid6
from mongoengine import IntField, StringField
from pymongo import ReturnDocument

from documents.base import Document

BLOCK = 20

_lock = threading.Lock()
_blocks: dict[str, range] = {}


class Counter(Document):
    """The highest id handed out so far, one document a sequence."""

    name = StringField(primary_key=True)
    value = IntField(default=0)

    meta = {"collection": "counters"}


def next_id(name: str) -> int:
    """The next integer of the sequence `name`: unique for ever, rising within a process, with gaps."""
    with _lock:
        block = _blocks.get(name) or _reserve(name)
        _blocks[name] = block[1:]
        return block[0]


def forget_blocks() -> None:
    """Give up the reserved ids, so that a forked process or a test with an empty database reserves its own."""
    with _lock:
        _blocks.clear()


def new_uuid() -> str:
    """A lower-case UUIDv7: sorts by the time it was made."""
    return str(uuid6.uuid7())


def _reserve(name: str) -> range:
    # Outside any transaction on purpose: an aborted one must not hand the same ids out again.
    counter: dict = Counter.collection().find_one_and_update(  # type: ignore[assignment]  # an upsert always finds
        {"_id": name}, {"$inc": {"value": BLOCK}}, upsert=True, return_document=ReturnDocument.AFTER)
    return range(counter["value"] - BLOCK + 1, counter["value"] + 1)

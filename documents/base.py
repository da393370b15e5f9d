"""The base of every document: two writes that carry the transaction's session, and strict reads."""
from collections.abc import Iterator
from functools import partial
from typing import Any, Self

import mongoengine
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect, DuplicateKeyError, ServerSelectionTimeoutError

from documents import loading
from documents.errors import Conflict, NotFound
from documents.transactions import current_session


class Duplicate(Conflict):
    """A unique index refused the insert: somebody was faster, or it was done before."""

    code = "duplicate"
    detail = "This already exists."

    def __init__(self, index: str) -> None:
        self.index = index
        super().__init__()


class Document(mongoengine.Document):
    """A MongoEngine document whose writes are `create` and `change`, both aware of `@atomic`."""

    # Not strict about what is stored: the version before and the one after may run against the same database.
    meta: dict[str, Any] = {"abstract": True, "auto_create_index": False, "strict": False}

    VALIDATOR: dict | None = None
    """A server-side validator for the collection, installed by `flask db sync`."""

    @classmethod
    def collection(cls) -> Collection:
        """The pymongo collection; pass `session=current_session()` with every call on it."""
        return cls._get_collection()

    def create(self) -> Self:
        """Validate and insert. Raises Duplicate naming the unique index that refused it."""
        self.validate(clean=True)
        row = self.to_mongo()
        self.insert(row)
        self.pk = row["_id"]
        return self

    @classmethod
    def insert(cls, row: dict) -> None:
        """Insert a row as it is, for the hot paths that build rows themselves. Raises Duplicate like `create`."""
        try:
            cls.collection().insert_one(row, session=current_session())
        except DuplicateKeyError as error:
            raise Duplicate(_index_name(error)) from error

    @classmethod
    def change(cls, match: dict, update: dict | list[dict], **options: Any) -> Self | None:
        """Change the one document that meets `match` and return its new state, or None when none does.

        `match` and `update` are MongoDB's own, with stored field names. Raises Duplicate like `create`.
        """
        found = cls.change_row(match, update, **options)
        return cls.load(found) if found is not None else None

    @classmethod
    def change_row(cls, match: dict, update: dict | list[dict], **options: Any) -> dict | None:
        """`change` that returns the row as pymongo gave it, for the hot paths."""
        try:
            return cls.collection().find_one_and_update(
                match, update, return_document=ReturnDocument.AFTER, session=current_session(), **options)
        except DuplicateKeyError as error:
            raise Duplicate(_index_name(error)) from error

    @classmethod
    def find(cls, match: dict, **options: Any) -> Iterator[Self]:
        """The documents that meet `match`, inside the surrounding transaction if there is one."""
        return (cls.load(row) for row in cls.collection().find(match, session=current_session(), **options))

    @classmethod
    def find_one(cls, match: dict, **options: Any) -> Self | None:
        found = cls.collection().find_one(match, session=current_session(), **options)
        return cls.load(found) if found is not None else None

    @classmethod
    def rows(cls, stages: list[dict], *, most: int) -> list[dict]:
        """What an aggregation over the collection gives: `most` rows at most, which fit into one reply of the server.

        Sent as a bare command, which takes pymongo two thirds of what a cursor takes it; repeated like one when the
        primary has gone.
        """
        collection, batch = cls.collection(), most + 1     # a full batch would leave the server's cursor open
        if current_session() is not None:
            return collection.aggregate(stages, session=current_session(), batchSize=batch).to_list()
        command = {"aggregate": collection.name, "pipeline": stages, "cursor": {"batchSize": batch},
                   "readConcern": collection.read_concern.document}
        ask = partial(collection.database.command, command, codec_options=collection.codec_options)
        try:
            reply = ask()["cursor"]
        except ServerSelectionTimeoutError:
            raise
        except AutoReconnect:
            reply = ask()["cursor"]
        return reply["firstBatch"] if reply["id"] == 0 else collection.aggregate(stages).to_list()

    @classmethod
    def get(cls, pk: Any, **also: Any) -> Self:
        """The document with this id that also meets `also`; raises NotFound."""
        found = cls.find_one({"_id": pk, **also})
        if found is None:
            raise NotFound
        return found

    @classmethod
    def load(cls, row: dict) -> Self:
        """The document of a row as pymongo returned it."""
        return loading.load(cls, row)


def _index_name(error: DuplicateKeyError) -> str:
    return (error.details or {}).get("errmsg", "").partition("index: ")[2].partition(" ")[0]

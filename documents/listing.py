"""Lists: which documents, in which order, and one page of them in one find."""
import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import bson
from bson.errors import BSONError

from documents.base import Document
from documents.errors import Invalid
from documents.sessions import Check
from documents.transactions import current_session

Order = list[tuple[str, int]]
_SCALARS = (str, int, float, datetime, bson.ObjectId, type(None))
LONGEST_CURSOR = 600
_COUNT = "#rows"
"""The key of the one row that carries the count; no document has it."""


@dataclass(frozen=True)
class Listing:
    """What a list view answers with: `match` decides who sees which rows, the rest how they may be asked for."""

    document: type[Document]
    match: dict = field(default_factory=dict)
    order: Sequence[tuple[str, int]] = (("created_at", -1), ("_id", -1))
    orderings: Mapping[str, str] = field(default_factory=lambda: {"created_at": "created_at"})
    """The names `?ordering=` knows, and the stored field each stands for."""
    searchable: Sequence[str] = ()
    """The stored fields in which `?search=` looks."""
    lookups: Sequence[dict] = ()
    """Pipeline stages run on the page's rows only, after it is cut."""
    check: Check | None = None
    """What is to be found out about the caller in the same round trip."""

    def sorting(self, ordering: str | None) -> Order:
        """The sort for `?ordering=`; raises Invalid for a name this list does not know."""
        if not ordering:
            return list(self.order)
        chosen = [self._direction(name.strip()) for name in ordering.split(",")]
        if any(stored == "_id" for stored, _ in chosen):
            return chosen
        return [*chosen, ("_id", chosen[0][1])]

    def _direction(self, name: str) -> tuple[str, int]:
        stored = self.orderings.get(name.removeprefix("-"))
        if stored is None:
            known = ", ".join(sorted(self.orderings))
            raise Invalid.field("ordering", f"Order by one of: {known}; with a leading - for descending.")
        return stored, -1 if name.startswith("-") else 1

    def searching(self, text: str | None) -> dict:
        """The filter of this list narrowed to rows that contain `text`, in any case."""
        if not text or not self.searchable:
            return self.match
        contains = {"$regex": re.escape(text), "$options": "i"}
        return {"$and": [self.match, {"$or": [{name: contains} for name in self.searchable]}]}

    def count(self, match: dict) -> int:
        """How many rows meet `match`."""
        return self.document.collection().count_documents(match, session=current_session())

    def page(self, match: dict, order: Order, *, skip: int, limit: int) -> tuple[list[dict], int]:
        """One page of rows and the count of all, in one round trip: two cost a third more than the union does."""
        # A list of everything is counted by the collection's own figure, not by walking over it.
        counted = [{"$match": match}, {"$count": _COUNT}] if match else [
            {"$collStats": {"count": {}}}, {"$group": {"_id": None, _COUNT: {"$sum": "$count"}}}]
        stages = [*self._cut(match, order, skip, limit), {"$unionWith": {
            "coll": self.document.collection().name, "pipeline": counted}}]
        rows = self._run(stages, limit + 1)
        # $count says nothing of nothing, so without its row there are none.
        return (rows, rows.pop()[_COUNT]) if rows else ([], 0)

    def rows(self, match: dict, order: Order, *, skip: int = 0, limit: int) -> list[dict]:
        """At most `limit` rows as MongoDB returned them."""
        return self._run(self._cut(match, order, skip, limit), limit)

    def _cut(self, match: dict, order: Order, skip: int, limit: int) -> list[dict]:
        skipped = [{"$skip": skip}] if skip else []
        return [{"$match": match}, {"$sort": dict(order)}, *skipped, {"$limit": limit}, *self.lookups]

    def _run(self, stages: list[dict], most: int) -> list[dict]:
        if self.check is not None:
            stages, most = [*stages, *self.check.stages], most + len(self.check.stages)
        rows = self.document.rows(stages, most=most)
        if self.check is not None:
            self.check.take(rows)
        return rows


class DerivedListing(Listing):
    """A list whose rows are not the documents themselves: it brings its own `count` and `rows`."""

    def page(self, match: dict, order: Order, *, skip: int, limit: int) -> tuple[list[dict], int]:
        return self.rows(match, order, skip=skip, limit=limit), self.count(match)


def cursor_of(row: dict, order: Order) -> str:
    """An opaque cursor that stands just behind `row`."""
    position = {str(index): _value(row, name) for index, (name, _) in enumerate(order)}
    return base64.urlsafe_b64encode(bson.encode(position)).decode().rstrip("=")


def after(cursor: str, order: Order) -> dict:
    """The filter for the rows behind `cursor`. Raises Invalid for one that was not made by `cursor_of`."""
    values = position(cursor, len(order))
    alternatives: list[dict] = []
    equal: dict[str, Any] = {}
    for (name, direction), value in zip(order, values, strict=True):
        alternatives.append({**equal, name: {"$lt" if direction < 0 else "$gt": value}})
        equal = {**equal, name: value}
    return {"$or": alternatives}


def position(cursor: str, size: int) -> list[Any]:
    """The `size` values that `cursor_of` wrote into the cursor, scalars all. Raises Invalid for anything else."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError(cursor)
        position = bson.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [position[str(index)] for index in range(size)]
    except (ValueError, KeyError, binascii.Error, BSONError) as error:
        raise Invalid.field("cursor", "Not a cursor of this list.") from error
    if not all(isinstance(value, _SCALARS) for value in values):
        raise Invalid.field("cursor", "Not a cursor of this list.")
    return values


def _value(row: dict, name: str) -> Any:
    found: Any = row
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found

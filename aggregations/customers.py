"""One customer: the timeline that is merged from many collections, how much each holds, and the facts on top."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from documents.purchases import Status

COUNTED_TO = 1_000
MOST_OPEN_PURCHASES = 200
LONGEST_CHAIN = 10
ORDER = {"at": -1, "rank": 1, "id": -1}
"""Of the timeline: the newest first; at the same moment by source, then by the id within it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where one sort of moments comes from: the documents that meet any of `branches`, each an indexed question."""

    name: str
    kind: str
    """What the viewer filters by; one kind may have several sources."""
    rank: int
    """Its place among the sources, which decides at the same moment."""
    collection: str
    branches: Sequence[dict]
    at: str = "created_at"
    """The field that says when; behind the branch's fields in an index, with `_id` after it."""
    fields: Sequence[str]
    """What the page shows of it: stored names, dots for what is inside."""
    lookups: Sequence[dict] = ()


class Position(NamedTuple):
    """A place in the timeline: just behind this moment."""

    at: datetime
    rank: int
    id: object


def merged(sources: Sequence[Source], *, before: Position | None, limit: int) -> list[dict]:
    """The newest `limit` moments of all sources; run it on the collection of the first one.

    One round trip: each source sorts along its index and is cut to `limit` before they are merged on the server, so
    it reads at most `limit` documents a source and sends `limit` rows. Sources asked one by one, even in parallel,
    would send that many each.
    """
    first, *others = sources
    united = [{"$unionWith": {"coll": source.collection, "pipeline": part(source, before=before, limit=limit)}}
              for source in others]
    return [*part(first, before=before, limit=limit), *united, {"$sort": ORDER}, {"$limit": limit}]


def part(source: Source, *, before: Position | None, limit: int) -> list[dict]:
    """The newest `limit` moments of one source behind `before`, as rows of the timeline."""
    shown = dict.fromkeys((source.at, *source.fields), 1)
    return [
        {"$match": _any(source, before)}, {"$sort": {source.at: -1, "_id": -1}}, {"$limit": limit}, *source.lookups,
        {"$project": shown},
        {"$project": {"_id": 0, "source": {"$literal": source.name}, "rank": {"$literal": source.rank},
                      "at": f"${source.at}", "id": "$_id", "row": "$$ROOT"}},
    ]


def counts(sources: Sequence[Source]) -> list[dict]:
    """How many moments each source has, at most `COUNTED_TO`; run it on the collection of the first one."""
    first, *others = sources
    return [*_count(first), *({"$unionWith": {"coll": source.collection, "pipeline": _count(source)}}
                              for source in others)]


def facts(user_id: int, *, debts: list[str]) -> list[dict]:
    """On users: wallets, shop, distributor, place in the tree of referrals, open instalments and debts of one person.

    `debts` are the keys of its reward debts. Indexes: wallets(owner, unit), merchants(user), referral_codes(owner),
    referrals(referred), users(parent, date_joined), purchases(customer, status), reward_debts(_id).
    """
    return [
        {"$match": {"_id": user_id}},
        {"$project": {"parent": 1}},
        _one("users", "parent", "_id", "distributor", {"first_name": 1, "last_name": 1, "email": 1, "phone": 1}),
        _one("merchants", "_id", "user", "merchant",
             {"business_name": 1, "is_active": 1, "closed_at": 1, "kyc_files": 1}),
        _one("referral_codes", "_id", "owner", "code", {"code": 1, "uses": 1}),
        {"$lookup": {"from": "wallets", "localField": "_id", "foreignField": "owner", "as": "wallets",
                     "pipeline": [{"$sort": {"unit": 1}}, {"$limit": 10}, {"$project": {"unit": 1, "balance": 1}}]}},
        {"$lookup": {"from": "users", "localField": "_id", "foreignField": "parent", "as": "retailers",
                     "pipeline": [{"$limit": COUNTED_TO}, {"$count": "count"}]}},
        {"$graphLookup": {"from": "referrals", "startWith": "$_id", "connectFromField": "referrer",
                          "connectToField": "referred", "as": "above", "depthField": "depth",
                          "maxDepth": LONGEST_CHAIN - 1}},
        {"$set": {"above": {"$sortArray": {"input": "$above", "sortBy": {"depth": 1}}}}},
        {"$lookup": {"from": "purchases", "localField": "_id", "foreignField": "customer", "as": "open", "pipeline": [
            {"$match": {"status": Status.DUE.value}}, {"$limit": MOST_OPEN_PURCHASES},
            {"$project": {"installments": {"status": 1, "due_amount": 1, "due_date": 1, "waiver": 1}}}]}},
        {"$lookup": {"from": "reward_debts", "as": "debts", "pipeline": [{"$match": {"_id": {"$in": debts}}}]}},
    ]


def _any(source: Source, before: Position | None) -> dict:
    behind = _behind(source, before)
    branches = [{**branch, **behind} for branch in source.branches]
    return branches[0] if len(branches) == 1 else {"$or": branches}


def _behind(source: Source, before: Position | None) -> dict:
    """The filter for what comes after `before`, which may stand in the middle of many of the same moment."""
    if before is None:
        return {}
    if source.rank < before.rank:
        return {source.at: {"$lt": before.at}}
    if source.rank > before.rank:
        return {source.at: {"$lte": before.at}}
    # $nor and not $or: the latter would tempt the planner away from the index that has the order.
    return {source.at: {"$lte": before.at}, "$nor": [{source.at: before.at, "_id": {"$gte": before.id}}]}


def _count(source: Source) -> list[dict]:
    match = source.branches[0] if len(source.branches) == 1 else {"$or": list(source.branches)}
    return [{"$match": match}, {"$limit": COUNTED_TO}, {"$count": "count"},
            {"$project": {"kind": {"$literal": source.kind}, "count": 1}}]


def _one(collection: str, local: str, foreign: str, name: str, fields: dict) -> dict:
    return {"$lookup": {"from": collection, "localField": local, "foreignField": foreign, "as": name,
                        "pipeline": [{"$limit": 1}, {"$project": fields}]}}


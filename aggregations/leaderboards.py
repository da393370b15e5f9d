"""Who refers most: the figures of one referrer's day, their sums, and the boards made of them."""
from datetime import datetime

from documents.referral_rollups import ReferralRollup, Span
from documents.reward_configs import RewardUnit
from documents.rewards import RewardRole, RewardStatus

METRICS = ("count", "cash", "points")


def day_figures(user: int, since: datetime, until: datetime) -> list[dict]:
    """On referrals: what `user` reached from `since` to before `until`, from the facts themselves.

    Indexes: referrals(referrer, created_at), rewards(user, role, status, credited_at).
    """
    within = {"$gte": since, "$lt": until}
    return [
        {"$match": {"referrer": user, "created_at": within, "voided_at": None}},
        {"$project": {"_id": 0, "count": {"$literal": 1}, "count_at": "$created_at"}},
        {"$unionWith": {"coll": "rewards", "pipeline": [
            {"$match": {"user": user, "role": RewardRole.REFERRER.value, "status": RewardStatus.CREDITED.value,
                        "credited_at": within}},
            {"$project": {"_id": 0, **_of_unit("cash", RewardUnit.CASH), **_of_unit("points", RewardUnit.POINTS)}}]}},
        _SUM,
    ]


def span_figures(user: int, first: str, last: str) -> list[dict]:
    """On rollups: the sum of the days of `user` from `first` to `last`. Index: referral_rollups(user, span, start)."""
    return [{"$match": {"user": user, "span": Span.DAY.value, "start": {"$gte": first, "$lte": last}}}, _SUM]


def board(*, span: Span, start: str, metric: str, limit: int, caller: int | None) -> list[dict]:
    """On rollups: the best `limit` rows, and the caller's own row with how many are `above` it and marked `own`.

    Ties go to whoever reached the figure first. Index: referral_rollups(span, start, metric, metric_at, user).
    """
    this = {"span": span.value, "start": start}
    top: list[dict] = [{"$match": {**this, metric: {"$gt": 0}}},
                       {"$sort": {metric: -1, f"{metric}_at": 1, "user": 1}}, {"$limit": limit}]
    if caller is not None:
        top.append({"$unionWith": {"coll": ReferralRollup.collection().name, "pipeline": _own(this, metric, caller)}})
    return [*top, _NAMES, {"$project": {"user": 1, "own": 1, "above": 1, "figure": f"${metric}",
                                        "person": {"$first": "$person"}}}]


def _own(this: dict, metric: str, caller: int) -> list[dict]:
    figure, at = f"${metric}", f"${metric}_at"
    earlier = {"$or": [{"$lt": [at, "$$at"]}, {"$and": [{"$eq": [at, "$$at"]}, {"$lt": ["$user", caller]}]}]}
    return [
        {"$match": {"_id": f"{this['span']}:{this['start']}:{caller}", metric: {"$gt": 0}}},
        _count("more", {"mine": figure}, this, {"$gt": [figure, "$$mine"]}),
        _count("earlier", {"mine": figure, "at": at}, this, {"$and": [{"$eq": [figure, "$$mine"]}, earlier]}),
        {"$set": {"own": True, "above": {"$add": [_counted("more"), _counted("earlier")]}}},
        {"$unset": ["more", "earlier"]},
    ]


def _count(name: str, let: dict, this: dict, condition: dict) -> dict:
    return {"$lookup": {"from": ReferralRollup.collection().name, "as": name, "let": let,
                        "pipeline": [{"$match": {**this, "$expr": condition}}, {"$count": "rows"}]}}


def _counted(name: str) -> dict:
    return {"$ifNull": [{"$first": f"${name}.rows"}, 0]}


def _of_unit(metric: str, unit: RewardUnit) -> dict:
    matches = {"$eq": ["$reward_unit", unit.value]}
    return {metric: {"$cond": [matches, "$reward_value", 0]},
            f"{metric}_at": {"$cond": [matches, "$credited_at", None]}}


_SUM = {"$group": {"_id": None, **{metric: {"$sum": f"${metric}"} for metric in METRICS},
                   **{f"{metric}_at": {"$max": f"${metric}_at"} for metric in METRICS}}}
_NAMES = {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "person",
                      "pipeline": [{"$project": {"first_name": 1, "last_name": 1, "username": 1}}]}}

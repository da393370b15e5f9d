"""Who refers most: the figures of one referrer's day, their sums, and the boards made of them."""
from datetime import datetime

from documents.referral_rollups import ReferralRollup, Span
from documents.reward_configs import RewardUnit
from documents.rewards import RewardRole, RewardStatus

METRICS = ("count", "cash", "points")


def day_referrals(user: int, since: datetime, until: datetime) -> list[dict]:
    """On referrals: how many `user` made from `since` to before `until`. Index: referrals(referrer, created_at).

    Apart from `day_rewards`, because $unionWith is not allowed in transactions.
    """
    return [
        {"$match": {"referrer": user, "created_at": {"$gte": since, "$lt": until}, "voided_at": None}},
        {"$group": {"_id": None, "count": {"$sum": 1}, "count_at": {"$max": "$created_at"}}},
    ]


def day_rewards(user: int, since: datetime, until: datetime) -> list[dict]:
    """On rewards: what was credited to `user` as a referrer from `since` to before `until`.

    Index: rewards(user, role, status, credited_at).
    """
    units = [("cash", RewardUnit.CASH), ("points", RewardUnit.POINTS)]
    return [
        {"$match": {"user": user, "role": RewardRole.REFERRER.value, "status": RewardStatus.CREDITED.value,
                    "credited_at": {"$gte": since, "$lt": until}}},
        {"$group": {"_id": None, **{metric: {"$sum": _of_unit(unit, "$reward_value")} for metric, unit in units},
                    **{f"{metric}_at": {"$max": _of_unit(unit, "$credited_at")} for metric, unit in units}}},
    ]


def span_figures(user: int, first: str, last: str) -> list[dict]:
    """On rollups: the sum of the days of `user` from `first` to `last`. Index: referral_rollups(user, span, start)."""
    return [{"$match": {"user": user, "span": Span.DAY.value, "start": {"$gte": first, "$lte": last}}}, _SUM]


def board(*, span: Span, start: str, metric: str, limit: int, own: ReferralRollup | None) -> list[dict]:
    """On rollups: the best `limit` rows with names, and behind them rows that only say how many are `above` `own`.

    Ties go to whoever reached the figure first. The counts compare with constants and not with a looked-up row, so
    that the index alone answers them. Index: referral_rollups(span, start, metric, metric_at, user).
    """
    this, at = {"span": span.value, "start": start}, f"{metric}_at"
    stages: list[dict] = [
        {"$match": {**this, metric: {"$gt": 0}}}, {"$sort": {metric: -1, at: 1, "user": 1}}, {"$limit": limit},
        _NAMES, {"$project": {"user": 1, "figure": f"${metric}", "person": {"$first": "$person"}}}]
    if own is not None:
        figure, reached = own[metric], own[at]
        stages += [_count(this | better) for better in (
            {metric: {"$gt": figure}}, {metric: figure, at: {"$lt": reached}},
            {metric: figure, at: reached, "user": {"$lt": own.user}})]
    return stages


def _count(match: dict) -> dict:
    return {"$unionWith": {"coll": ReferralRollup.collection().name,
                           "pipeline": [{"$match": match}, {"$count": "above"}]}}


def _of_unit(unit: RewardUnit, value: str) -> dict:
    return {"$cond": [{"$eq": ["$reward_unit", unit.value]}, value, None]}


_SUM = {"$group": {"_id": None, **{metric: {"$sum": f"${metric}"} for metric in METRICS},
                   **{f"{metric}_at": {"$max": f"${metric}_at"} for metric in METRICS}}}
_NAMES = {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "person",
                      "pipeline": [{"$project": {"first_name": 1, "last_name": 1, "username": 1}}]}}

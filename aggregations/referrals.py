"""One referrer's figures, the tree of who came through whom, and one person's rewards."""
from datetime import datetime

from documents.referrals import Referral


def chain_above(user: int) -> list[dict]:
    """On referral codes: `referrers`, everybody above `user`, and `referred`, which of the chain have one above them.

    As long as the chain really is. Indexes: referral_codes(owner), referrals(referred).
    """
    return [
        {"$match": {"owner": user}},
        {"$graphLookup": {"from": Referral.collection().name, "startWith": "$owner", "connectFromField": "referrer",
                          "connectToField": "referred", "as": "chain"}},
        {"$project": {"referrers": "$chain.referrer", "referred": "$chain.referred"}},
    ]


def summary(user: int) -> list[dict]:
    """On users: the person's code, how many used it, and how many of those count.

    Indexes: users(_id), referral_codes(owner), referrals(referrer, created_at).
    """
    counts = {"$cond": [{"$eq": [{"$ifNull": ["$voided_at", None]}, None]}, 1, 0]}
    return [
        {"$match": {"_id": user}},
        {"$lookup": {"from": "referral_codes", "localField": "_id", "foreignField": "owner", "as": "code",
                     "pipeline": [{"$project": {"code": 1}}]}},
        {"$lookup": {"from": "referrals", "localField": "_id", "foreignField": "referrer", "as": "made", "pipeline": [
            {"$group": {"_id": None, "total": {"$sum": 1}, "successful": {"$sum": counts}}}]}},
        {"$project": {"_id": 0, "code": {"$first": "$code.code"}, "total": {"$ifNull": [{"$first": "$made.total"}, 0]},
                      "successful": {"$ifNull": [{"$first": "$made.successful"}, 0]}}},
    ]


def timeline(user: int, *, granularity: str, timezone: str, since: datetime | None, until: datetime | None,
             bounds: list[datetime] | str | None) -> list[dict]:
    """On referrals: how many people used the code of `user` in each day, week (from Monday) or month.

    `bounds`, when given, fills the gaps between them; local days stand in it as if they were UTC, so that a change
    to summer time skips none. Index: referrals(referrer, created_at).
    """
    within = {key: moment for key, moment in (("$gte", since), ("$lt", until)) if moment is not None}
    local = {"$dateFromString": {"dateString": {"$dateToString": {
        "date": "$created_at", "format": "%Y-%m-%dT%H:%M:%S", "timezone": timezone}}}}
    stages: list[dict] = [
        {"$match": {"referrer": user, "voided_at": None, **({"created_at": within} if within else {})}},
        {"$group": {"_id": {"$dateTrunc": {"date": local, "unit": granularity, "startOfWeek": "monday"}},
                    "count": {"$sum": 1}}},
        {"$project": {"_id": 0, "date": "$_id", "count": 1}},
    ]
    if bounds is not None:
        stages += [{"$densify": {"field": "date", "range": {"step": 1, "unit": granularity, "bounds": bounds}}},
                   {"$set": {"count": {"$ifNull": ["$count", 0]}}}]
    return [*stages, {"$sort": {"date": 1}},
            {"$set": {"date": {"$dateToString": {"date": "$date", "format": "%Y-%m-%d"}}}}]


def reward_totals(user: int) -> list[dict]:
    """On rewards: how many rewards of `user` and how much, by unit and status. Index: rewards(user, created_at)."""
    return [
        {"$match": {"user": user}},
        {"$group": {"_id": {"unit": "$reward_unit", "status": "$status"}, "count": {"$sum": 1},
                    "value": {"$sum": "$reward_value"}}},
    ]


WITH_STATUS: list[dict] = [
    {"$set": {"status": {"$cond": [{"$eq": [{"$ifNull": ["$voided_at", None]}, None]}, "SUCCESS", "REVOKED"]}}}]
"""Says whether a referral counts; run on one page of referrals."""

WITH_PEOPLE: list[dict] = [
    {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "owner",
                 "pipeline": [{"$project": {"email": 1}}]}},
    {"$set": {"user_email": {"$first": "$owner.email"}}},
    {"$unset": "owner"},
]
"""Adds whose reward it is; run on one page of rewards. Index: users(_id)."""

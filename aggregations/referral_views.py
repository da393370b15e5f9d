"""The boards, the trees and the held rewards as views for people in the Mongo shell."""
from documents.referral_rollups import Span

_FULL_NAME = {"$trim": {"input": {"$concat": [
    {"$ifNull": ["$person.first_name", ""]}, " ", {"$ifNull": ["$person.last_name", ""]}]}}}

TREE: list[dict] = [
    {"$graphLookup": {"from": "referrals", "startWith": "$_id", "connectFromField": "referred",
                      "connectToField": "referrer", "depthField": "depth", "as": "below"}},
    {"$project": {"people": {"$sortArray": {"sortBy": {"depth": 1, "created_at": 1}, "input": {"$map": {
        "input": "$below", "in": {
            "user": "$$this.referred", "through": "$$this.referrer", "depth": {"$toInt": "$$this.depth"},
            "created_at": "$$this.created_at", "voided_at": "$$this.voided_at"}}}}}}},
]
"""On users: everybody below a person; ask for one `_id`. Indexes: users(_id), referrals(referrer, created_at)."""

HELD: list[dict] = [
    {"$match": {"status": "PENDING", "is_held": True}},
    {"$project": {"user": 1, "reward_type": 1, "reward_value": 1, "reward_unit": 1, "held_for": 1, "created_at": 1}},
]
"""On rewards: what waits for an admin's decision. Index: rewards(status, is_held, created_at)."""


def leaderboard(timezone: str) -> list[dict]:
    """On rollups: the rows of the running week, the running month and all time, with names.

    Sort them by a metric, its moment and the user to get the API's board. Index: referral_rollups(span, start, …).
    """
    return [
        {"$match": {"$expr": {"$or": [
            _running(Span.WEEK, timezone), _running(Span.MONTH, timezone), {"$eq": ["$span", Span.ALL.value]}]}}},
        {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "person",
                     "pipeline": [{"$project": {"first_name": 1, "last_name": 1}}]}},
        {"$set": {"person": {"$first": "$person"}}},
        {"$set": {"name": _FULL_NAME}},
        {"$unset": ["person", "writes", "_id"]},
    ]


def _running(span: Span, timezone: str) -> dict:
    first = {"$dateTrunc": {"date": "$$NOW", "unit": span.value, "timezone": timezone, "startOfWeek": "monday"}}
    start = {"$dateToString": {"date": first, "format": "%Y-%m-%d", "timezone": timezone}}
    return {"$and": [{"$eq": ["$span", span.value]}, {"$eq": ["$start", start]}]}

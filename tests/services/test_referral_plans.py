"""Every pipeline of referrals and rewards finds its rows by an index, whatever grows."""
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion

from aggregations import leaderboards, referrals
from config import settings
from config.connections import database
from documents import clock
from documents.referral_rollups import ReferralRollup, Span
from documents.referrals import Referral, ReferralCode
from documents.rewards import Reward
from documents.users import User
from services import referral_figures, rewards
from services.referral_rollups import BEGINNING, start_of
from tests.queries import counted
from tests.referring import refer, rewards_of, terms, work_off_events

NOW = clock.now()
DAY = (NOW - timedelta(days=1), NOW + timedelta(days=1))


@pytest.fixture
def owner(people):
    """Somebody with two referrals, one reward credited, among others with one each."""
    admin = people.admin()
    terms(admin)
    owner, others = people.client(), [people.client() for _ in range(3)]
    for someone in [owner, owner, *others]:
        refer(someone, people.client())
    rewards.credit(reward_id=rewards_of(owner)[0].id, actor=admin)
    work_off_events()
    return owner


def this_month() -> str:
    return start_of(Span.MONTH, clock.day_of(clock.now(), settings.current().timezone))


def row_of(user: int, span: Span = Span.MONTH, start: str | None = None) -> ReferralRollup:
    return ReferralRollup.of(span=span, start=start or this_month(), user=user)


def explained(document: type, pipeline: list[dict]) -> dict:
    # An open end of an index range is a moment that Python has no date for.
    return database().command("explain", {"aggregate": document.collection().name, "pipeline": pipeline, "cursor": {}},
                              verbosity="executionStats", codec_options=CodecOptions(
                                  datetime_conversion=DatetimeConversion.DATETIME_AUTO))


def values_of(tree: Any, key: str) -> Iterator[Any]:
    for name, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        if name == key:
            yield value
        yield from values_of(value, key)


PIPELINES = {
    "the board by count": lambda user: (ReferralRollup, leaderboards.board(
        span=Span.MONTH, start=this_month(), metric="count", limit=10, own=row_of(user))),
    "the board by value": lambda user: (ReferralRollup, leaderboards.board(
        span=Span.ALL, start=BEGINNING, metric="cash", limit=10, own=row_of(user, Span.ALL, BEGINNING))),
    "a day's referrals": lambda user: (Referral, leaderboards.day_referrals(user, *DAY)),
    "a day's rewards": lambda user: (Reward, leaderboards.day_rewards(user, *DAY)),
    "a span's days": lambda user: (ReferralRollup, leaderboards.span_figures(user, "2026-01-01", "2026-12-31")),
    "the summary": lambda user: (User, referrals.summary(user)),
    "the timeline": lambda user: (Referral, referrals.timeline(
        user, granularity="day", timezone="Asia/Kolkata", since=DAY[0], until=DAY[1], bounds=list(DAY))),
    "reward totals": lambda user: (Reward, referrals.reward_totals(user)),
    "the chain above": lambda user: (ReferralCode, referrals.chain_above(user)),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_no_collection_is_scanned(owner, name):
    document, pipeline = PIPELINES[name](owner.id)
    plan = explained(document, pipeline)
    assert list(document.collection().aggregate(pipeline))
    assert "COLLSCAN" not in json.dumps(plan, default=json_util.default)
    assert not any(int(scans) for scans in values_of(plan, "collectionScans"))


def test_the_board_reads_its_rows_in_order_and_no_more_than_it_shows(owner):
    plan = explained(ReferralRollup, leaderboards.board(
        span=Span.MONTH, start=this_month(), metric="count", limit=2, own=None))
    assert "SORT" not in list(values_of(next(values_of(plan, "winningPlan")), "stage"))
    assert next(values_of(plan, "totalDocsExamined")) <= 3


@pytest.mark.parametrize("query", [
    {"owner": 1}, {"code": "SVH-000000"}])
def test_codes_are_found_by_index(app, query):
    assert "COLLSCAN" not in str(ReferralCode.collection().find(query).explain()["queryPlanner"]["winningPlan"])


def test_the_job_finds_what_is_due_by_its_own_index(app):
    match = {"status": "PENDING", "is_held": False, "due_at": {"$type": "date", "$lte": NOW}}
    plan = Reward.collection().find(match).sort("due_at", 1).explain()["queryPlanner"]["winningPlan"]
    assert ("to_credit" in str(plan), "SORT" in str(plan)) == (True, False)


@pytest.mark.parametrize(("ask", "asked"), [
    (lambda user: referral_figures.summary(user=user), ["aggregate"]),
    (lambda user: referral_figures.timeline(user=user), ["aggregate"]),
    (lambda user: referral_figures.leaderboard(caller=None), ["aggregate"]),
    (lambda user: referral_figures.leaderboard(caller=user), ["find", "aggregate"])])
def test_each_answer_is_one_aggregation(owner, ask, asked):
    """The board reads the caller's own row before, by its id: with its figures known, the index alone counts."""
    with counted() as commands:
        ask(owner)
    assert commands == asked


def test_the_callers_rank_is_counted_in_the_index_alone(owner):
    plan = explained(ReferralRollup, leaderboards.board(
        span=Span.MONTH, start=this_month(), metric="count", limit=2, own=row_of(owner.id)))
    counts = [stage["$unionWith"]["pipeline"] for stage in plan["stages"] if "$unionWith" in stage]
    assert [list(values_of(count, "totalDocsExamined")) for count in counts] == [[0], [0], [0]]

"""Boards and timelines: the kept figures equal the facts, ties go to whoever was first, days are business days."""
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aggregations import leaderboards
from documents import clock
from documents.errors import Invalid
from documents.referral_rollups import ReferralRollup, Span
from documents.referrals import Referral, ReferralCode
from documents.rewards import Reward
from documents.users import User
from services import referral_figures, rewards
from tests.boards import kept_board, raw_board
from tests.referring import refer, rewards_of, terms, work_off_events

NOON = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
"""A Wednesday, twelve o'clock in Kolkata."""


@pytest.fixture
def admin(people):
    return people.admin(date_joined=NOON)


@pytest.fixture
def at():
    """`at(moment)` sets the clock."""
    return lambda moment: clock.shift(moment - datetime.now(UTC))


def join(people, owner: User, times: int = 1) -> list[Reward]:
    for _ in range(times):
        refer(owner, people.client())
    return rewards_of(owner)[-times:]


STEPS = st.lists(st.tuples(st.sampled_from(["refer", "credit", "revoke", "wait", "dispatch"]), st.integers(0, 99)),
                 max_size=25)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_history_leaves_the_kept_figures_equal_to_the_facts(people, admin, at, steps):
    now = NOON
    at(now)
    for document in (Referral, ReferralCode, Reward, ReferralRollup):
        document.collection().delete_many({})
    owners = [people.client() for _ in range(3)]
    terms(admin)
    for action, number in steps:
        alive = list(Reward.find({"status": {"$ne": "REVOKED"}}, sort=[("_id", 1)]))
        if action == "refer":
            terms(admin, value=100 * (number % 3 + 1), unit=["CASH", "POINTS"][number % 2])
            refer(owners[number % 3], people.client())
        elif action == "credit" and (pending := [reward for reward in alive if reward.status == "PENDING"]):
            rewards.credit(reward_id=pending[number % len(pending)].id, actor=admin)
        elif action == "revoke" and alive:
            rewards.revoke(reward_id=alive[number % len(alive)].id, actor=admin, reason="")
        elif action == "wait":
            now += timedelta(hours=number)
            at(now)
        elif action == "dispatch":
            work_off_events()
    work_off_events()
    for metric in leaderboards.METRICS:
        for span in (Span.WEEK, Span.MONTH, Span.ALL):
            assert kept_board(metric, span) == raw_board(metric, span, now)


def test_ties_go_to_whoever_reached_the_figure_first(people, admin, at):
    at(NOON)
    terms(admin)
    early, late = people.client(), people.client()
    join(people, late)
    at(NOON + timedelta(minutes=1))
    join(people, early, 2)
    at(NOON + timedelta(minutes=2))
    join(people, late)
    work_off_events()
    board = referral_figures.leaderboard(caller=late)
    assert [(row["rank"], row["user_id"], row["count"]) for row in board["results"]] == [
        (1, early.id, 2), (2, late.id, 2)]
    assert board["me"] == {"rank": 2, "user_id": late.id, "count": 2, "name": referral_figures.display_name(
        late.id, {"first_name": late.first_name, "last_name": late.last_name})}


def test_the_callers_rank_is_known_beyond_the_rows_shown(people, admin):
    terms(admin)
    owners = [people.client() for _ in range(5)]
    for number, owner in enumerate(owners):
        join(people, owner, 5 - number)
    work_off_events()
    for number, owner in enumerate(owners):
        board = referral_figures.leaderboard(caller=owner, limit=2)
        assert (len(board["results"]), board["me"]["rank"], board["me"]["count"]) == (2, number + 1, 5 - number)
    assert referral_figures.leaderboard(caller=people.client())["me"] is None


def test_value_counts_what_is_credited_and_not_revoked(people, admin):
    terms(admin, value=500, referee_value=9_900)
    owner = people.client()
    first, second, _ = join(people, owner, 3)
    for reward in (first, second):
        rewards.credit(reward_id=reward.id, actor=admin)
    rewards.revoke(reward_id=second.id, actor=admin, reason="")
    work_off_events()
    assert kept_board("cash", Span.MONTH) == [(owner.id, 500)]
    assert kept_board("count", Span.MONTH) == [(owner.id, 2)]
    assert kept_board("points", Span.MONTH) == []


def test_weeks_and_months_are_those_of_the_business(people, admin, at):
    at(datetime(2026, 11, 30, 18, 0, tzinfo=UTC))         # Monday 30 November, 23:30 in Kolkata
    terms(admin)
    before, after = people.client(), people.client()
    join(people, before)
    at(datetime(2026, 11, 30, 19, 0, tzinfo=UTC))         # Tuesday 1 December, 00:30
    join(people, after)
    work_off_events()
    assert kept_board("count", Span.MONTH) == [(after.id, 1)]
    assert kept_board("count", Span.WEEK) == kept_board("count", Span.ALL) == [(before.id, 1), (after.id, 1)]
    assert referral_figures.leaderboard(caller=None, period="week")["since"] == "2026-11-30"


@pytest.mark.parametrize(("person", "shown"), [
    ({"first_name": "Asha", "last_name": "Kumar", "username": "ak"}, "Asha K."), ({"first_name": "Asha"}, "Asha"),
    ({"first_name": "", "username": "ak"}, "ak"), ({}, "User 7")])
def test_people_are_shown_by_name_and_never_by_address(person, shown):
    assert referral_figures.display_name(7, person) == shown


class TestTimeline:
    @pytest.fixture
    def owner(self, people, admin, at) -> User:
        """Two people on Wednesday 18 November, one on Friday the 20th just after midnight, one on 2 December."""
        at(NOON)
        terms(admin)
        owner = people.client()
        join(people, owner, 2)
        at(datetime(2026, 11, 19, 19, 0, tzinfo=UTC))
        join(people, owner)
        at(datetime(2026, 12, 2, 6, 0, tzinfo=UTC))
        join(people, owner)
        return owner

    def ask(self, owner, **options) -> list[tuple[str, int]]:
        return [(row["date"], row["count"]) for row in referral_figures.timeline(user=owner, **options)]

    def test_days(self, owner):
        assert self.ask(owner) == [("2026-11-18", 2), ("2026-11-20", 1), ("2026-12-02", 1)]

    def test_weeks_and_months(self, owner):
        assert self.ask(owner, granularity="week") == [("2026-11-16", 3), ("2026-11-30", 1)]
        assert self.ask(owner, granularity="month") == [("2026-11-01", 3), ("2026-12-01", 1)]

    def test_from_and_to_are_included(self, owner):
        assert self.ask(owner, since=date(2026, 11, 18), until=date(2026, 11, 20)) == [
            ("2026-11-18", 2), ("2026-11-20", 1)]
        assert self.ask(owner, since=date(2026, 11, 19), until=date(2026, 11, 19)) == []

    def test_gaps_are_filled_on_request(self, owner):
        assert self.ask(owner, since=date(2026, 11, 17), until=date(2026, 11, 21), fill=True) == [
            ("2026-11-17", 0), ("2026-11-18", 2), ("2026-11-19", 0), ("2026-11-20", 1), ("2026-11-21", 0)]
        assert self.ask(owner, granularity="week", fill=True) == [
            ("2026-11-16", 3), ("2026-11-23", 0), ("2026-11-30", 1)]
        assert self.ask(owner, granularity="month", since=date(2026, 10, 15), until=date(2026, 12, 31), fill=True) == [
            ("2026-10-01", 0), ("2026-11-01", 3), ("2026-12-01", 1)]

    def test_an_empty_span_is_filled_too(self, people, owner):
        nobody = people.client()
        assert self.ask(nobody, fill=True) == []
        assert self.ask(nobody, since=date(2026, 11, 1), until=date(2026, 11, 2), fill=True) == [
            ("2026-11-01", 0), ("2026-11-02", 0)]

    def test_too_much_or_the_wrong_way_round_is_refused(self, owner):
        for options in ({"since": date(2000, 1, 1), "fill": True},
                        {"since": date(2026, 2, 1), "until": date(2026, 1, 1)}):
            with pytest.raises(Invalid):
                self.ask(owner, **options)

    def test_who_was_voided_is_not_in_it(self, owner, admin):
        rewards.revoke(reward_id=rewards_of(owner)[0].id, actor=admin, reason="")
        assert self.ask(owner)[0] == ("2026-11-18", 1)
        assert referral_figures.summary(user=owner)["conversion_rate"] == "75%"

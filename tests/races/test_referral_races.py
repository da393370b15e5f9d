"""Referrals under many hands: each effect happens once, and the tree never closes into a circle."""
import dataclasses

import pytest

from config import settings as settings_module
from documents import clock
from documents.events import Event
from documents.referral_rollups import Span
from documents.referrals import Referral, ReferralCode
from documents.rewards import Reward
from services import dispatch, referrals, rewards
from services.referral_tree import CircularReferral
from services.referrals import AlreadyReferred, CodeExhausted
from services.rewards import AlreadyRevoked, NotPending
from tests.boards import kept_board, raw_board
from tests.parallel import breaks, together
from tests.referring import balance, refer, rewards_of, terms, work_off_events


@pytest.fixture
def admin(people):
    return people.admin()


def of_kind(results: list, kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


def test_one_code_however_many_ask(people):
    for rounds in range(1, 6):
        user = people.client()
        codes = together(20, lambda _n, user=user: referrals.code_of(user=user))
        assert len({(code.id, code.code, code.owner) for code in codes}) == 1
        assert ReferralCode.collection().count_documents({}) == rounds


def test_the_last_use_of_a_code_has_one_winner(people, admin, monkeypatch):
    monkeypatch.setattr(settings_module, "_current",
                        dataclasses.replace(settings_module.current(), referral_code_max_uses=1))
    terms(admin)
    owner, users = people.client(), [people.client() for _ in range(8)]
    code = referrals.code_of(user=owner).code
    results = together(8, lambda n: referrals.apply(user=users[n], code=code))
    assert (of_kind(results, referrals.Applied), of_kind(results, CodeExhausted)) == (1, 7)
    assert (len(rewards_of(owner)), Referral.collection().count_documents({})) == (1, 1)


def test_one_person_uses_one_of_many_codes(people, admin):
    terms(admin)
    user, owners = people.client(), [people.client() for _ in range(8)]
    codes = [referrals.code_of(user=owner).code for owner in owners]
    results = together(8, lambda n: referrals.apply(user=user, code=codes[n]))
    assert (of_kind(results, referrals.Applied), of_kind(results, AlreadyReferred)) == (1, 7)
    assert Reward.collection().count_documents({}) == 1
    assert sum(code.uses for code in ReferralCode.find({})) == 1


def test_a_reward_is_credited_once(people, admin):
    terms(admin, value=25_000)
    owner = people.client()
    refer(owner, people.client())
    [reward] = rewards_of(owner)
    results = together(20, lambda _n: rewards.credit(reward_id=reward.id, actor=admin))
    assert (of_kind(results, Reward), of_kind(results, NotPending)) == (1, 19)
    assert balance(owner) == 25_000
    assert breaks() == []


def test_crediting_and_revoking_at_once_leave_right_books(people, admin):
    terms(admin, value=25_000, hold_days=0)
    owner = people.client()
    refer(owner, people.client())
    [reward] = rewards_of(owner)
    acts = [lambda: rewards.credit(reward_id=reward.id, actor=admin), lambda: rewards.credit_due(limit=5),
            lambda: rewards.revoke(reward_id=reward.id, actor=admin, reason="")]
    results = together(12, lambda n: acts[n % 3]())
    assert of_kind(results, AlreadyRevoked) == 3
    assert (Reward.get(reward.id).status, balance(owner)) == ("REVOKED", 0)
    assert breaks() == []


def test_two_people_cannot_refer_each_other_at_once(people, admin):
    terms(admin)
    for _ in range(10):
        pair = [people.client(), people.client()]
        codes = [referrals.code_of(user=user).code for user in pair]
        results = together(2, lambda n, pair=pair, codes=codes: referrals.apply(user=pair[n], code=codes[1 - n]))
        assert (of_kind(results, referrals.Applied), of_kind(results, CircularReferral)) == (1, 1)


def test_two_links_far_apart_cannot_close_a_circle(people, admin):
    """Tops A and C over B and D: A joining D while C joins B would close A → D → C → B → A without a common code."""
    terms(admin)
    for _ in range(10):
        a, b, c, d = (people.client() for _ in range(4))
        refer(a, b)
        refer(c, d)
        joins = [(a, d), (c, b)]
        codes = [referrals.code_of(user=owner).code for _, owner in joins]
        results = together(2, lambda n, joins=joins, codes=codes: referrals.apply(user=joins[n][0], code=codes[n]))
        assert (of_kind(results, referrals.Applied), of_kind(results, CircularReferral)) == (1, 1)


def test_every_use_of_one_busy_code_counts(people, admin):
    terms(admin, monthly_cap=5)
    owner, users = people.client(), [people.client() for _ in range(12)]
    code = referrals.code_of(user=owner).code
    results = together(12, lambda n: referrals.apply(user=users[n], code=code))
    assert of_kind(results, referrals.Applied) == 12
    assert (ReferralCode.find_one({"owner": owner.id}).uses, len(rewards_of(owner))) == (12, 5)
    together(4, lambda _n: dispatch.dispatch_pending(limit=100))
    assert Event.owed(before=Event.find_one({}, sort=[("_id", -1)]).created_at, limit=5) == []


def test_boards_are_right_however_many_dispatch_at_once(people, admin):
    terms(admin, value=25_000)
    owners, users = [people.client() for _ in range(2)], [people.client() for _ in range(16)]
    codes = [referrals.code_of(user=owner).code for owner in owners]

    def use_and_credit(number: int) -> None:
        applied = referrals.apply(user=users[number], code=codes[number % 2])
        rewards.credit(reward_id=applied.rewards[0].id, actor=admin)
        work_off_events()

    together(16, use_and_credit)
    work_off_events()
    for metric in ("count", "cash"):
        for span in (Span.WEEK, Span.MONTH, Span.ALL):
            assert kept_board(metric, span) == raw_board(metric, span, clock.now())
    assert sorted(value for _, value in kept_board("cash", Span.ALL)) == [8 * 25_000, 8 * 25_000]

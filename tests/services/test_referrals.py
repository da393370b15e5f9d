"""Codes, and every reason not to apply one."""
import dataclasses
import re
from datetime import timedelta

import pytest

from config import settings as settings_module
from documents import clock
from documents.events import Event
from documents.referrals import Referral, ReferralCode
from documents.rewards import Reward
from documents.users import User
from services import referrals, reward_configs
from services.referral_tree import CircularReferral
from services.referrals import (
    AccountTooOld,
    AlreadyReferred,
    CodeExhausted,
    NoRewardConfig,
    NotVerified,
    OwnCode,
    UnknownCode,
)
from tests.referring import refer, rewards_of, terms


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def use(monkeypatch, app):
    """`use(referral_code_max_uses=1)` changes settings for one test."""
    def change(**changes):
        monkeypatch.setattr(settings_module, "_current", dataclasses.replace(settings_module.current(), **changes))
    return change


def test_a_code_is_made_once_and_looks_as_promised(people):
    user = people.client()
    first, again = referrals.code_of(user=user), referrals.code_of(user=user)
    assert re.fullmatch(r"SVH-[A-Z0-9]{6}", first.code)
    assert (first.id, first.code, first.owner) == (again.id, again.code, user.id)


def test_the_prefix_is_a_setting(people, use):
    use(referral_code_prefix="SHOP-")
    assert referrals.code_of(user=people.client()).code.startswith("SHOP-")


def test_applying_makes_one_pending_reward_with_the_terms_of_the_moment(people, admin):
    terms(admin)
    owner, user = people.client(), people.client()
    applied = refer(owner, user)
    terms(admin, value=99_900)
    [reward] = rewards_of(owner)
    assert (reward.reward_value, reward.reward_unit, reward.reward_type, reward.status) == (
        25_000, "CASH", "SIGNUP", "PENDING")
    assert (reward.referral, reward.due_at, reward.is_held) == (applied.referral.id, None, False)
    assert rewards_of(user) == []


def test_the_referred_person_may_earn_too(people, admin):
    terms(admin, referee_value=5_000)
    owner, user = people.client(), people.client()
    refer(owner, user)
    assert [(reward.reward_value, reward.role) for reward in rewards_of(user)] == [(5_000, "referred")]


def test_the_newest_active_terms_win(people, admin):
    terms(admin, value=100)
    newest = terms(admin, value=200)
    first, second = people.client(), people.client()
    refer(first, people.client())
    reward_configs.deactivate(actor=admin, config_id=newest.id)
    refer(second, people.client())
    assert [reward.reward_value for owner in (first, second) for reward in rewards_of(owner)] == [200, 100]


def test_many_people_use_one_code_and_case_does_not_matter(people, admin):
    terms(admin)
    owner = people.client()
    code = referrals.code_of(user=owner).code
    for _ in range(3):
        referrals.apply(user=people.client(), code=f" {code.lower()} ")
    assert ReferralCode.find_one({"owner": owner.id}).uses == 3
    assert len(rewards_of(owner)) == 3


class TestRefusals:
    """Each leaves nothing written; of several reasons the first in the documented order is named."""

    def refused(self, refusal, user, code):
        before = self._everything()
        with pytest.raises(refusal):
            referrals.apply(user=user, code=code)
        assert self._everything() == before

    def _everything(self):
        documents = (Referral, Reward, ReferralCode, Event, User)
        return [list(document.collection().find({}, sort=[("_id", 1)])) for document in documents]

    def test_an_unknown_code(self, people, admin):
        terms(admin)
        self.refused(UnknownCode, people.client(), "SVH-000000")

    def test_the_code_of_somebody_who_left(self, people, admin):
        terms(admin)
        owner = people.client()
        code = referrals.code_of(user=owner).code
        User.change({"_id": owner.id}, {"$set": {"is_active": False}})
        self.refused(UnknownCode, people.client(), code)

    def test_the_own_code_before_anything_else(self, people):
        user = people.client(is_verified=False)
        self.refused(OwnCode, user, referrals.code_of(user=user).code)

    def test_a_second_code_before_missing_terms(self, people, admin):
        config = terms(admin)
        user, other = people.client(), people.client()
        refer(people.client(), user)
        reward_configs.deactivate(actor=admin, config_id=config.id)
        self.refused(AlreadyReferred, user, referrals.code_of(user=other).code)

    def test_a_circle_of_two_before_missing_terms(self, people, admin):
        config = terms(admin)
        first, second = people.client(), people.client()
        refer(first, second)
        reward_configs.deactivate(actor=admin, config_id=config.id)
        self.refused(CircularReferral, first, referrals.code_of(user=second).code)

    def test_a_circle_at_depth(self, people, admin):
        terms(admin)
        top = person = people.client()
        for _ in range(12):
            below = people.client()
            refer(person, below)
            person = below
        self.refused(CircularReferral, top, referrals.code_of(user=person).code)

    def test_missing_terms_before_the_age(self, people):
        owner = people.client()
        old = people.client(date_joined=clock.now() - timedelta(days=31))
        self.refused(NoRewardConfig, old, referrals.code_of(user=owner).code)

    def test_an_old_account_before_an_unverified_one(self, people, admin):
        terms(admin)
        old = people.client(date_joined=clock.now() - timedelta(days=31), is_verified=False)
        self.refused(AccountTooOld, old, referrals.code_of(user=people.client()).code)

    def test_an_unverified_account(self, people, admin):
        terms(admin)
        self.refused(NotVerified, people.client(is_verified=False), referrals.code_of(user=people.client()).code)

    def test_a_used_up_code(self, people, admin, use):
        use(referral_code_max_uses=1)
        terms(admin)
        owner = people.client()
        refer(owner, people.client())
        self.refused(CodeExhausted, people.client(), referrals.code_of(user=owner).code)


def test_an_account_of_exactly_the_highest_age_may_apply(people, admin):
    terms(admin)
    refer(people.client(), people.client(date_joined=clock.now() - timedelta(days=29, hours=23)))


def test_terms_for_first_orders_alone_are_a_programme_too(people, admin):
    terms(admin, "FIRST_ORDER")
    owner = people.client()
    refer(owner, people.client())
    assert rewards_of(owner) == []


def test_the_cap_per_referrer_and_month(people, admin, move_clock):
    terms(admin, monthly_cap=2, referee_value=100)
    owner, other = people.client(), people.client()
    people_in = [people.client() for _ in range(3)]
    for user in people_in:
        refer(owner, user)
    refer(other, people.client())
    assert (len(rewards_of(owner)), len(rewards_of(other))) == (2, 1)
    assert len(rewards_of(people_in[2])) == 1
    assert Event.collection().count_documents({"type": "reward.capped", "user": owner.id}) == 1
    move_clock(timedelta(days=31))
    refer(owner, people.client())
    assert len(rewards_of(owner)) == 3


class TestPromisedAtSignup:
    def test_is_applied_once_the_person_is_verified(self, people, admin):
        terms(admin)
        owner = people.client()
        code = referrals.code_of(user=owner).code
        user = people.client(referral_code=code, is_verified=False)
        referrals.apply_promised(user=user)
        assert Referral.find_one({"referred": user.id}) is None
        referrals.apply_promised(user=User.change({"_id": user.id}, {"$set": {"is_verified": True}}))
        assert Referral.find_one({"referred": user.id}).referrer == owner.id
        assert User.get(user.id).referral_code is None

    def test_a_refusal_is_recorded_and_stops_nobody(self, people):
        code = referrals.code_of(user=people.client()).code
        user = people.client(referral_code=code)
        referrals.apply_promised(user=user)
        assert User.get(user.id).referral_code is None
        assert Event.find_one({"type": "referral.refused"}).data["code"] == "reward_config_missing"

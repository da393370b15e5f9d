"""Signs of fraud hold rewards and refuse nothing; an admin releases or revokes."""
import dataclasses
from datetime import timedelta

import pytest

from config import settings as settings_module
from documents.referrals import ReferralCode
from documents.rewards import Reward
from documents.sessions import Session
from documents.users import User
from services import fraud, referrals, rewards, sessions
from services.sessions import Device
from tests.referring import balance, refer, rewards_of, terms

PHONE = Device(agent="Shop/1.0 (Android)", address="203.0.113.7")


@pytest.fixture
def programme(people):
    return terms(people.admin(), hold_days=0)


def log_in(user: User, device: Device = PHONE) -> None:
    sessions.open_session(user=user, device=device)


def reasons(owner: User) -> list[str]:
    [reward] = rewards_of(owner)
    assert reward.is_held == bool(reward.held_for)
    assert reward.status == "PENDING"
    return reward.held_for


def test_nothing_in_common_holds_nothing(people, programme):
    owner, user = people.client(), people.client()
    log_in(owner)
    log_in(user, Device(agent=PHONE.agent, address="203.0.113.8"))
    refer(owner, user)
    assert reasons(owner) == []


def test_the_same_network_and_device(people, programme):
    owner, user = people.client(), people.client()
    log_in(owner)
    log_in(user)
    refer(owner, user)
    assert reasons(owner) == ["same_device", "same_network"]


def test_another_browser_on_the_same_network(people, programme):
    owner, user = people.client(), people.client()
    log_in(owner)
    log_in(user, Device(agent="Other", address=PHONE.address))
    refer(owner, user)
    assert reasons(owner) == ["same_network"]


def test_one_ipv6_household_is_one_network(people, programme):
    owner, user = people.client(), people.client()
    log_in(owner, Device(address="2001:db8:1:2::1"))
    log_in(user, Device(address="2001:db8:1:2:ffff::9"))
    refer(owner, user)
    assert reasons(owner) == ["same_network"]


def test_logging_out_after_getting_the_code_hides_nothing(people, programme):
    owner, user = people.client(), people.client()
    log_in(owner)
    referrals.code_of(user=owner)
    Session.end_all(owner.id)
    log_in(user)
    refer(owner, user)
    assert "same_device" in reasons(owner)


def test_a_phone_that_was_the_referrers(people, programme):
    owner = people.client(phone="+919812345678")
    referrals.code_of(user=owner)
    User.change({"_id": owner.id}, {"$set": {"phone": "+919812345679"}})
    refer(owner, people.client(phone="+919812345678"))
    assert reasons(owner) == ["same_phone"]


@pytest.mark.parametrize("email", ["x@mailinator.com", "x@inbox.mailinator.com"])
def test_a_disposable_mailbox(people, programme, email):
    owner = people.client()
    refer(owner, people.client(email=email))
    assert reasons(owner) == ["disposable_email"]


def test_a_burst(people, programme, monkeypatch, move_clock):
    changed = dataclasses.replace(settings_module.current(), referral_burst_per_hour=2)
    monkeypatch.setattr(settings_module, "_current", changed)
    owner = people.client()
    for _ in range(3):
        refer(owner, people.client())
    move_clock(timedelta(hours=1, minutes=1))
    refer(owner, people.client())
    assert [reward.held_for for reward in rewards_of(owner)] == [[], [], ["burst"], []]


def test_a_shop_may_switch_a_sign_off(people, programme, monkeypatch):
    changed = dataclasses.replace(settings_module.current(), referral_hold_signals=("burst",))
    monkeypatch.setattr(settings_module, "_current", changed)
    owner = people.client()
    refer(owner, people.client(email="x@mailinator.com"))
    assert reasons(owner) == []


def test_both_rewards_are_held_and_the_job_passes_them_over_until_released(people):
    admin, owner, user = people.admin(), people.client(), people.client(email="x@mailinator.com")
    terms(admin, value=500, hold_days=0, referee_value=100)
    refer(owner, user)
    assert rewards.credit_due(limit=10) == 0
    [reward] = rewards_of(owner)
    assert rewards_of(user)[0].is_held
    released = rewards.release(reward_id=reward.id, actor=admin)
    assert (released.released_by, released.held_for, released.is_held) == (admin.id, ["disposable_email"], False)
    assert rewards.credit_due(limit=10) == 1
    assert balance(owner) == 500


def test_an_admin_may_credit_a_held_reward_at_once(people, programme):
    owner = people.client()
    refer(owner, people.client(email="x@mailinator.com"))
    [reward] = rewards_of(owner)
    assert rewards.credit(reward_id=reward.id, actor=people.admin()).status == "CREDITED"


def test_nothing_readable_is_kept_and_not_without_end(people, programme):
    owner = people.client(phone="+919812345678")
    for number in range(80):
        log_in(owner, Device(agent="Shop", address=f"203.0.113.{number}"))
        referrals.code_of(user=owner)
    traces = ReferralCode.find_one({"owner": owner.id}).traces
    assert len(traces) <= 60
    assert not any("9812345678" in trace or "203.0" in trace for trace in traces)
    assert fraud.traces_of(owner) <= set(traces)
    assert Reward.find_one({}) is None

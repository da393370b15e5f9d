"""A reward's life: credited with who and when, held, revoked to the last minor unit, owed when the wallet is empty."""
from datetime import timedelta

import pytest

from documents import clock
from documents.errors import NotFound
from documents.ledger import LedgerEntry
from documents.referrals import Referral
from documents.rewards import Reward, RewardDebt
from documents.users import User
from services import ledger, rewards
from services.ledger import CASH, Leg, wallet_account
from services.rewards import AlreadyRevoked, NotHeld, NotPending
from services.wallets import wallet_of
from tests.parallel import breaks
from tests.referring import balance, refer, rewards_of, terms


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def owner(people):
    return people.client()


@pytest.fixture
def earn(people, admin, owner):
    """`earn(value=…)` gives the owner one more pending reward."""
    def make(**options) -> Reward:
        terms(admin, **options)
        refer(owner, people.client())
        return rewards_of(owner)[-1]
    return make


def spend(user: User, amount: int) -> None:
    ledger.post(kind="test", reference=f"spent:{amount}", legs=[
        Leg(wallet_account(wallet_of(user.id).id), -amount), Leg(CASH, amount)])


def test_a_credit_pays_the_wallet_and_says_who_and_when(admin, owner, earn):
    credited = rewards.credit(reward_id=earn(value=25_000).id, actor=admin)
    assert (credited.status, credited.credited_by) == ("CREDITED", admin.id)
    assert abs(clock.now() - credited.credited_at) < timedelta(minutes=1)
    assert (balance(owner), ledger.balance("rewards")) == (25_000, -25_000)
    assert breaks() == []


def test_points_go_to_the_points_wallet(admin, owner, earn):
    rewards.credit(reward_id=earn(value=5_000, unit="POINTS").id, actor=admin)
    assert (balance(owner, "POINTS"), balance(owner)) == (5_000, 0)
    assert breaks() == []


def test_a_credit_happens_once(admin, owner, earn):
    reward = earn(value=25_000)
    rewards.credit(reward_id=reward.id, actor=admin)
    with pytest.raises(NotPending):
        rewards.credit(reward_id=reward.id, actor=admin)
    assert balance(owner) == 25_000


def test_ids_of_nothing(admin, app):
    for text in ("nonsense", "", "f" * 23, "$ne"):
        with pytest.raises(NotFound):
            rewards.parsed_id(text)
    for act in (rewards.credit, rewards.release):
        with pytest.raises(NotFound):
            act(reward_id=rewards.parsed_id("f" * 24), actor=admin)
    with pytest.raises(NotFound):
        rewards.revoke(reward_id=rewards.parsed_id("f" * 24), actor=admin, reason="")


def test_a_pending_reward_is_revoked_without_an_entry(admin, owner, earn):
    reward = earn()
    revoked = rewards.revoke(reward_id=reward.id, actor=admin, reason="second account")
    assert (revoked.status, revoked.revoked_by, revoked.revoke_reason) == ("REVOKED", admin.id, "second account")
    assert Referral.get(reward.referral).voided_at is not None
    for act, refusal in ((rewards.credit, NotPending), (rewards.release, NotHeld)):
        with pytest.raises(refusal):
            act(reward_id=reward.id, actor=admin)
    assert LedgerEntry.collection().count_documents({}) == 0
    assert breaks() == []


def test_a_clawback_is_the_exact_reversal(admin, owner, earn):
    reward = rewards.credit(reward_id=earn(value=25_000).id, actor=admin)
    revoked = rewards.revoke(reward_id=reward.id, actor=admin, reason="")
    assert (revoked.owed, balance(owner), ledger.balance("rewards")) == (0, 0, 0)
    assert LedgerEntry.find_one({"reference": f"reward:{reward.id}:revoke"}).reverses == f"reward:{reward.id}:credit"
    with pytest.raises(AlreadyRevoked):
        rewards.revoke(reward_id=reward.id, actor=admin, reason="")
    assert breaks() == []


class TestDebts:
    """What the wallet cannot give back is owed, and the next credits pay it first."""

    def test_what_is_there_is_taken_and_the_rest_owed(self, admin, owner, earn):
        reward = rewards.credit(reward_id=earn(value=25_000).id, actor=admin)
        spend(owner, 18_000)
        assert rewards.revoke(reward_id=reward.id, actor=admin, reason="").owed == 18_000
        assert (balance(owner), RewardDebt.of(f"{owner.id}:INR"), ledger.balance("rewards")) == (0, 18_000, 0)
        assert breaks() == []

    def test_the_next_credits_pay_it(self, admin, owner, earn):
        reward = rewards.credit(reward_id=earn(value=25_000).id, actor=admin)
        spend(owner, 25_000)
        rewards.revoke(reward_id=reward.id, actor=admin, reason="")
        rewards.credit(reward_id=earn(value=10_000).id, actor=admin)
        assert (balance(owner), RewardDebt.of(f"{owner.id}:INR")) == (0, 15_000)
        rewards.credit(reward_id=earn(value=20_000).id, actor=admin)
        assert (balance(owner), RewardDebt.of(f"{owner.id}:INR")) == (5_000, 0)
        assert breaks() == []

    def test_revoking_a_credit_that_had_paid_a_debt_brings_the_debt_back(self, admin, owner, earn):
        first = rewards.credit(reward_id=earn(value=25_000).id, actor=admin)
        spend(owner, 25_000)
        rewards.revoke(reward_id=first.id, actor=admin, reason="")
        second = rewards.credit(reward_id=earn(value=30_000).id, actor=admin)
        assert rewards.revoke(reward_id=second.id, actor=admin, reason="").owed == 0
        assert (balance(owner), RewardDebt.of(f"{owner.id}:INR")) == (0, 25_000)
        third = rewards.credit(reward_id=earn(value=30_000).id, actor=admin)
        spend(owner, 4_000)
        assert rewards.revoke(reward_id=third.id, actor=admin, reason="").owed == 4_000
        assert (balance(owner), RewardDebt.of(f"{owner.id}:INR"), ledger.balance("rewards")) == (0, 29_000, 0)
        assert breaks() == []

    def test_points_and_money_are_owed_apart(self, admin, owner, earn):
        reward = rewards.credit(reward_id=earn(value=25_000).id, actor=admin)
        spend(owner, 25_000)
        rewards.revoke(reward_id=reward.id, actor=admin, reason="")
        rewards.credit(reward_id=earn(value=5_000, unit="POINTS").id, actor=admin)
        assert (balance(owner, "POINTS"), RewardDebt.of(f"{owner.id}:INR")) == (5_000, 25_000)
        assert breaks() == []


class TestHoldPeriod:
    def test_the_job_credits_after_it_and_not_before(self, owner, earn, move_clock):
        reward = earn(value=700, hold_days=7)
        move_clock(timedelta(days=6, hours=23))
        assert rewards.credit_due(limit=10) == 0
        move_clock(timedelta(days=7, minutes=1))
        assert rewards.credit_due(limit=10) == 1
        found = Reward.get(reward.id)
        assert (found.status, found.credited_by, balance(owner)) == ("CREDITED", None, 700)
        assert rewards.credit_due(limit=10) == 0
        assert breaks() == []

    def test_without_one_only_an_admin_credits(self, owner, earn, move_clock):
        earn()
        move_clock(timedelta(days=400))
        assert rewards.credit_due(limit=10) == 0

    def test_somebody_who_left_is_held_and_does_not_block_the_queue(self, owner, earn):
        reward = earn(hold_days=0)
        User.change({"_id": owner.id}, {"$set": {"is_active": False}})
        assert (rewards.credit_due(limit=10), rewards.credit_due(limit=10)) == (1, 0)
        assert Reward.get(reward.id).held_for == ["account_closed"]


def test_verify_finds_what_a_hand_changed(admin, owner, earn):
    paid, pending, revoked = earn(value=100), earn(value=200), earn(value=300)
    rewards.credit(reward_id=paid.id, actor=admin)
    rewards.credit(reward_id=revoked.id, actor=admin)
    rewards.revoke(reward_id=revoked.id, actor=admin, reason="")
    RewardDebt.add(f"{owner.id}:INR", 7)
    Reward.collection().update_one({"_id": pending.id}, {"$set": {"status": "CREDITED", "credited_at": clock.now()}})
    Reward.collection().update_one({"_id": paid.id}, {"$set": {"reward_value": 101}})
    Reward.collection().delete_one({"_id": revoked.id})
    found = "\n".join(breaks())
    assert f"reward {pending.id} is CREDITED and its credit is missing" in found
    assert f"reward {paid.id} of 101 CASH was booked as 100 INR" in found
    assert f"entry reward:{revoked.id}:revoke belongs to no reward" in found
    assert f"debt {owner.id}:INR says 7, its entries say 0" in found

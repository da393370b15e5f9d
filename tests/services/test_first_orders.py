"""FIRST_ORDER rewards: earned by the first paid order, once a person, taken back by its refund."""
import itertools

import pytest

from documents.events import Event
from documents.rewards import Reward
from documents.transactions import atomic
from services import events, recharge_janitor, refunds, reward_events, rewards
from services.gateways.operators import simulated
from services.gateways.operators.base import Outcome, State
from tests import buying, vouchering
from tests.catalogue import buy, plan
from tests.parallel import breaks, together
from tests.referring import balance, refer, rewards_of, terms, work_off_events
from tests.shops import paid_by, shop


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def owner(people):
    return people.client()


@pytest.fixture
def user(people, admin, owner):
    terms(admin, "FIRST_ORDER", value=10_000, referee_value=3_000)
    user = people.client()
    refer(owner, user)
    return user


def record(user, type_: str, order: str, **data) -> None:
    """The event of an order or of its whole refund, as services/payments.py records it for payments."""
    status = "REFUNDED" if type_.endswith("refunded") else "SUCCESS"
    events.record(type_, subject=order, user=user.id if user else None, **{
        "kind": "POS", "final_amount": 100_00, "status": status, **data})


def happen(user, *types: str, order: str = "payment:1", **data) -> None:
    for type_ in types:
        record(user, type_, order, **data)
    work_off_events()


@pytest.mark.parametrize("type_", ["purchase.created", "payment.succeeded"])
def test_the_first_order_earns_both_sides_once(owner, user, type_):
    happen(user, type_, order="thing:1")
    happen(user, type_, order="thing:1")
    happen(user, type_, order="thing:2")
    [reward] = rewards_of(owner)
    assert (reward.reward_type, reward.order, reward.reward_value) == ("FIRST_ORDER", "thing:1", 10_000)
    assert [reward.reward_value for reward in rewards_of(user)] == [3_000]


def test_an_order_before_the_code_was_applied_does_not_count(people, admin, owner):
    terms(admin, "FIRST_ORDER")
    user = people.client()
    record(user, "payment.succeeded", "payment:1")
    refer(owner, user)
    work_off_events()
    assert rewards_of(owner) == []
    happen(user, "payment.succeeded", order="payment:2")
    assert [reward.order for reward in rewards_of(owner)] == ["payment:2"]


def test_orders_of_people_nobody_referred_earn_nothing(people, user):
    happen(people.client(), "payment.succeeded")
    record(None, "payment.succeeded", "payment:1")
    work_off_events()
    assert Reward.collection().count_documents({}) == 0


def test_a_refund_revokes_it_and_takes_the_money_back(admin, owner, user):
    happen(user, "payment.succeeded")
    [reward] = rewards_of(owner)
    rewards.credit(reward_id=reward.id, actor=admin)
    happen(user, "payment.refunded")
    assert [reward.status for reward in rewards_of(owner) + rewards_of(user)] == ["REVOKED", "REVOKED"]
    assert balance(owner) == 0
    happen(user, "payment.refunded")
    happen(user, "payment.succeeded", order="payment:2")
    assert len(rewards_of(owner)) == 1
    assert breaks() == []


def test_the_refund_of_a_later_order_changes_nothing(owner, user):
    happen(user, "payment.succeeded")
    happen(user, "payment.succeeded", order="payment:2")
    happen(user, "payment.refunded", order="payment:2")
    assert [reward.status for reward in rewards_of(owner)] == ["PENDING"]


@pytest.mark.parametrize("data", [{"kind": "TOPUP"}, {"final_amount": 0}])
def test_what_is_no_paid_order_does_not_count(owner, user, data):
    happen(user, "payment.succeeded", **data)
    assert rewards_of(owner) == []


def test_a_refund_of_a_part_leaves_the_reward(owner, user):
    happen(user, "payment.succeeded")
    happen(user, "payment.refunded", status="SUCCESS")
    assert [reward.status for reward in rewards_of(owner)] == ["PENDING"]


def test_a_refund_that_is_heard_of_first_prevents_it(owner, user):
    happen(user, "payment.refunded")
    happen(user, "payment.succeeded")
    assert rewards_of(owner) == []


def test_a_voided_referral_earns_nothing_more(people, admin, owner):
    terms(admin)
    terms(admin, "FIRST_ORDER")
    user = people.client()
    refer(owner, user)
    rewards.revoke(reward_id=rewards_of(owner)[0].id, actor=admin, reason="second account")
    happen(user, "payment.succeeded")
    assert [reward.reward_type for reward in rewards_of(owner)] == ["SIGNUP"]


def test_a_held_referral_holds_the_first_order_too(people, admin, owner):
    terms(admin, "FIRST_ORDER")
    user = people.client(email="x@mailinator.com")
    refer(owner, user)
    happen(user, "payment.succeeded")
    assert [(reward.is_held, reward.held_for) for reward in rewards_of(owner)] == [(True, ["disposable_email"])]


def test_order_and_refund_dispatched_at_once_leave_no_live_reward(people, admin, owner):
    terms(admin, "FIRST_ORDER")
    for number in range(8):
        user = people.client()
        refer(owner, user)
        for type_ in ("payment.succeeded", "payment.refunded"):
            record(user, type_, f"payment:{number}")
        paid, refunded = Event.find({"subject": f"payment:{number}"}, sort=[("created_at", 1), ("type", -1)])
        # The handlers themselves: a dispatcher alone would take the two events one after the other.
        both = [(reward_events.payment_refunded, refunded), (reward_events.order_paid, paid)]
        together(2, lambda n, both=both: atomic(both[n][0])(both[n][1]))
    assert {reward.status for reward in rewards_of(owner)} <= {"REVOKED"}


def test_a_recharge_counts_once_it_is_paid(people, admin, owner, fund):
    user, article = people.retailer(), plan()
    terms(admin, "FIRST_ORDER", value=10_000)
    refer(owner, user)
    buy(user, article)
    work_off_events()
    assert rewards_of(owner) == []
    fund(user, "1000.00")
    bought = buy(user, article)
    work_off_events()
    assert [reward.order for reward in rewards_of(owner)] == [f"recharge:{bought.id}"]


def test_a_recharge_delivered_at_the_houses_cost_does_not_count(people, admin, owner, fund):
    user = people.retailer()
    fund(user, "199.00")
    terms(admin, "FIRST_ORDER", value=10_000)
    refer(owner, user)
    article = plan("199.00")
    simulated.tell("late", times=1)
    bought = buy(user, article)
    buy_elsewhere = buy(user, article, phone="+919812300000")
    recharge_janitor.record_answer(reference=f"{bought.transaction_id}-1",
                                   outcome=Outcome(State.SUCCESS, operator_ref="OP-1"))
    work_off_events()
    assert [reward.order for reward in rewards_of(owner)] == [f"recharge:{buy_elsewhere.id}"]


class TestRealOrders:
    """Every kind of order as its own service makes it."""

    def ordered(self, owner) -> str:
        work_off_events()
        [reward] = rewards_of(owner)
        return reward.order.partition(":")[0]

    def test_an_instalment_purchase(self, people, owner, user):
        buying.buy(user, "100.00", "50.00", 2)
        assert self.ordered(owner) == "purchase"

    def test_a_voucher(self, owner, user, fund):
        fund(user, "100.00")
        vouchering.buy(user)
        assert self.ordered(owner) == "payment"

    def test_a_payment_at_a_counter_and_its_refund(self, people, admin, owner, user, fund):
        fund(user, "100.00")
        keeper = people.client()
        shop(keeper)
        payment = paid_by(user, keeper)
        assert self.ordered(owner) == "payment"
        rewards.credit(reward_id=rewards_of(owner)[0].id, actor=admin)
        refunds.refund_now(payment=payment, amount=4_000, actor=keeper.id)
        work_off_events()
        assert rewards_of(owner)[0].status == "CREDITED"
        refunds.refund_now(payment=payment, amount=None, actor=keeper.id)
        work_off_events()
        assert (rewards_of(owner)[0].status, balance(owner)) == ("REVOKED", 0)
        assert breaks() == []


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(
    ["payment.succeeded", "payment.refunded", "payment.succeeded"]))))
def test_repeats_in_any_order_end_the_same(owner, user, order):
    happen(user, *order)
    assert {reward.status for reward in rewards_of(owner)} <= {"REVOKED"}

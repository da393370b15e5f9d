"""Named actions that ask somebody outside: done once, whatever is heard and when."""
from datetime import timedelta
from typing import Any

import pytest

from documents.errors import Conflict
from documents.payments import Method, Payment
from documents.recharges import Recharge
from documents.refunds import Refund
from documents.users import User
from documents.vouchers import Voucher
from services import (
    card_janitor,
    card_refunds,
    ledger,
    recharge_janitor,
    simulated_cards,
    staff_actions,
    staff_money,
    topups,
)
from services.gateways.operators import simulated as operator
from services.gateways.operators.base import Outcome, State
from services.gateways.payments import simulated, simulated_topups
from services.gateways.payments.base import GatewayUnavailable
from services.gateways.payments.razorpay_events import signature
from services.recharge_books import CLEARING
from tests import carding, catalogue, vouchering
from tests.acting import act, balance
from tests.parallel import breaks
from tests.shops import paid_by, receivable, shop, take


@pytest.fixture
def admin(people) -> User:
    return people.admin()


class TestResolvingARecharge:
    @pytest.fixture
    def pending(self, people) -> Recharge:
        _, retailer = catalogue.earning_chain(people)
        operator.tell("silent")
        return catalogue.buy(retailer, catalogue.plan("10.00"))

    @pytest.mark.parametrize(("outcome", "left"), [("success", 99_000), ("failed", 100_000)])
    def test_your_word_counts_when_the_operator_says_nothing(self, admin, pending, outcome, left):
        line = act(admin, "resolve_recharge", f"recharge:{pending.id}", outcome=outcome)
        assert (line.status, line.amount) == ("done", 1_000)
        assert (line.before["status"], line.after["status"]) == ("pending", outcome)
        assert line.result["decided by"] == "staff"
        assert (balance(User.get(pending.user)), ledger.balance(CLEARING), breaks()) == (left, 0, [])
        with pytest.raises(Conflict, match="not pending"):
            act(admin, "resolve_recharge", f"recharge:{pending.id}", outcome=outcome)

    def test_what_the_operator_says_for_good_comes_before_your_word(self, admin, people):
        _, retailer = catalogue.earning_chain(people)
        operator.tell("timeout")        # it was delivered, and nobody heard
        pending = catalogue.buy(retailer, catalogue.plan("10.00"))
        assert pending.payment_status == "pending"
        line = act(admin, "resolve_recharge", f"recharge:{pending.id}", outcome="failed")
        assert line.after["status"] == "success"
        assert (line.result["decided by"], line.result["outcome"]) == ("operator", "success")
        assert (balance(retailer), breaks()) == (99_000, [])

    def test_one_decided_while_the_operator_was_asked_fails_and_moves_nothing(self, admin, pending, monkeypatch):
        class Slow:
            def status(self, reference: str) -> Outcome:
                recharge_janitor.record_answer(reference=reference, outcome=Outcome(State.SUCCESS))
                return Outcome(State.UNCLEAR)

        monkeypatch.setattr(staff_money, "operator", Slow)
        line = act(admin, "resolve_recharge", f"recharge:{pending.id}", outcome="failed")
        assert (line.status, line.refusal) == ("failed", "This recharge is not pending.")
        assert (Recharge.get(pending.id).payment_status, breaks()) == ("success", [])

    def test_above_the_threshold_nobody_is_asked_before_the_approval(self, admin, people):
        _, retailer = catalogue.earning_chain(people)
        people.fund(retailer, 2_000_000)
        operator.tell("timeout")
        pending = catalogue.buy(retailer, catalogue.plan("10000.01"))
        asked = act(admin, "resolve_recharge", f"recharge:{pending.id}", outcome="success")
        assert (asked.status, Recharge.get(pending.id).payment_status) == ("waiting", "pending")
        done = staff_actions.approve(checker=people.admin(), action_id=asked.id)
        assert (done.status, done.after["status"], breaks()) == ("done", "success", [])


class TestRefunding:
    def test_a_payment_at_the_till_in_part(self, admin, people, fund):
        owner, customer = people.client(), people.client()
        merchant = shop(owner)
        fund(customer, "100.00")
        payment = paid_by(customer, owner)
        shown = staff_actions.form(actor=admin, name="refund", subject=f"payment:{payment.id}")
        assert shown.suggested == {"amount": "100.00"}
        line = act(admin, "refund", f"payment:{payment.id}", amount="33.33")
        assert (line.status, line.before["given back"], line.after["given back"]) == ("done", "0.00", "33.33")
        assert (balance(customer), receivable(merchant)) == (3_333, 6_667)
        with pytest.raises(Conflict, match="cannot be refunded"):
            act(admin, "refund", f"payment:{payment.id}", amount="66.68")
        assert breaks() == []

    def test_a_payment_of_nobody_we_know_counts_for_itself(self, admin, people):
        owner = people.client()
        shop(owner)
        payment = take(owner, "50.00", Method.CASH)
        assert act(admin, "refund", f"payment:{payment.id}", amount="50").status == "done"
        assert breaks() == []

    def test_a_card_payment_goes_back_through_its_gateway(self, admin, people):
        payment = carding.pay(people.client())
        line = act(admin, "refund", f"payment:{payment.id}", amount="20.00")
        assert (line.status, line.after["status"], line.result["status"]) == ("done", "REFUNDED", "completed")
        assert (carding.at_gateway(), breaks()) == (0, [])

    def test_a_gateway_that_is_slow_leaves_it_running_until_somebody_looks_again(self, admin, people, move_clock):
        payment = carding.pay(people.client())
        carding.told("refund_delay")
        line = act(admin, "refund", f"payment:{payment.id}", amount="10.00")
        assert (line.status, line.before["given back"], line.after) == ("running", "0.00", {})
        assert Refund.get(line.result["refund"]).status == "processing"
        again = staff_actions.finish(actor=admin, action_id=line.id)
        assert again.status == "running"
        move_clock(timedelta(minutes=11))
        simulated_cards.hear()
        card_janitor.follow_up_due()
        card_refunds.follow_up_due()
        done = staff_actions.finish(actor=people.admin(), action_id=line.id)
        assert (done.status, done.after["given back"]) == ("done", "10.00")
        assert Refund.collection().count_documents({}) == 1
        assert breaks() == []

    def test_a_gateway_that_refuses_fails_it(self, admin, people):
        payment = carding.pay(people.client())
        carding.told("refund_fail")
        line = act(admin, "refund", f"payment:{payment.id}", amount="10.00")
        assert line.status == "failed"
        assert "The gateway refused" in line.refusal
        assert (Payment.get(payment.id).refunded, breaks()) == (0, [])

    def test_a_gateway_that_is_away_leaves_it_running(self, admin, people, monkeypatch):
        payment = carding.pay(people.client())

        def away(*_args: Any, **_options: Any) -> None:
            raise GatewayUnavailable

        with monkeypatch.context() as patched:
            patched.setattr(simulated.SimulatedGateway, "refund", away)
            line = act(admin, "refund", f"payment:{payment.id}", amount="10.00")
            assert line.status == "running"
        card_refunds.follow_up_due()        # its lease is not over: nobody asks
        assert staff_actions.finish(actor=admin, action_id=line.id).status == "done"
        assert breaks() == []

    def test_a_voucher_is_refunded_with_its_payment(self, admin, people, fund):
        customer = people.client()
        fund(customer, "100.00")
        bought = vouchering.buy(customer, quantity=2)
        shown = staff_actions.form(actor=admin, name="refund", subject=f"voucher:{bought[0]['_id']}")
        assert shown.suggested == {"amount": "10.00"}
        line = act(admin, "refund", f"voucher:{bought[0]['_id']}", amount="10.00")
        assert (line.status, line.after["given back"]) == ("done", "10.00")
        assert Voucher.collection().count_documents({"cancelled_at": {"$ne": None}}) == 1
        assert (balance(customer), breaks()) == (9_000, [])

    @pytest.mark.parametrize(("name", "status", "left"), [
        ("refund", "completed", 0), ("reject_refund", "rejected", 2_000)])
    def test_requests_are_decided(self, admin, people, name, status, left):
        customer = people.client()
        payment = carding.pay(customer)
        asked = card_refunds.request(user=customer, payment_id=payment.id, reason="other")
        line = act(admin, name, f"refund:{asked.id}", reason="Seen with the customer")
        assert (line.status, line.after["request"]) == ("done", status)
        decided = Refund.get(asked.id)
        assert (decided.decision, decided.decided_by) == ("Seen with the customer", admin.id)
        with pytest.raises(Conflict):
            act(admin, name, f"refund:{asked.id}")
        assert (carding.at_gateway(), breaks()) == (left, [])

    def test_a_top_up_is_refused_with_what_to_do(self, admin, people):
        customer = people.client()
        payment = topups.create_order(user=customer, amount=5_000).payment
        order = payment.gateway.intent
        simulated_topups.pay(order, "pay_1")
        topups.confirm(user=customer, order_id=order, charge="pay_1",
                       signature=signature(simulated_topups.KEY_SECRET, order, "pay_1"))
        with pytest.raises(Conflict, match="dashboard"):
            act(admin, "refund", f"payment:{payment.id}", amount="50")
        assert breaks() == []

"""Refunds of card payments: bounded, decided by staff, paid once, and the vouchers go first."""
from datetime import timedelta

import pytest

from config import connections
from documents.errors import Invalid, NotFound
from documents.payments import Payment, Status
from documents.refunds import Refund
from documents.users import User
from documents.vouchers import Voucher
from services import card_refunds, simulated_cards, voucher_redemption, wallets
from services.card_refunds import AlreadyRequested
from services.gateways.payments import simulated
from services.gateways.payments.base import GatewayUnavailable
from services.gateways.payments.simulated import SimulatedGateway
from services.payments import InvalidState
from services.refunds import NotRefundable
from services.voucher_issue import VouchersUsed
from tests.carding import at_gateway, codes, pay, told
from tests.parallel import breaks


@pytest.fixture
def customer(people) -> User:
    return people.client()


@pytest.fixture
def admin(people) -> User:
    return people.admin()


def ask(customer: User, payment: Payment, **options) -> Refund:
    return card_refunds.request(user=customer, payment_id=payment.id, reason="customer_request", **options)


def cancelled(payment: Payment) -> int:
    return Voucher.collection().count_documents({"payment": payment.id, "cancelled_at": {"$ne": None}})


def test_parts_are_asked_for_one_by_one_and_never_exceed_the_payment(customer, admin):
    payment = pay(customer, quantity=3)
    first = ask(customer, payment, amount=1_000)
    with pytest.raises(AlreadyRequested):
        ask(customer, payment, amount=1_000)
    done = card_refunds.approve(actor=admin, refund_id=first.id, notes="ok")
    assert (done.status, done.decided_by, done.decision, cancelled(payment)) == ("completed", admin.id, "ok", 1)
    with pytest.raises(Invalid):
        ask(customer, payment, amount=2_001)
    rest = card_refunds.approve(actor=admin, refund_id=ask(customer, payment, amount=0).id)
    assert (rest.amount, Payment.get(payment.id).status, cancelled(payment)) == (2_000, Status.REFUNDED, 3)
    with pytest.raises(NotFound):
        ask(customer, payment)
    assert simulated_cards.hear() == 5      # our own refunds come back as news and are none
    assert (at_gateway(), breaks()) == (0, [])


def test_only_ones_own_paid_card_payments(customer, people):
    payment = pay(customer)
    with pytest.raises(NotFound):
        ask(people.client(), payment)


def test_redeemed_vouchers_are_not_refunded(customer, admin):
    payment = pay(customer, quantity=2)
    refused = ask(customer, payment)
    voucher_redemption.redeem(user=customer, code=codes(payment)[0])
    with pytest.raises(VouchersUsed):
        card_refunds.approve(actor=admin, refund_id=refused.id)
    assert Refund.get(refused.id).status == "pending"
    card_refunds.reject(actor=admin, refund_id=refused.id, notes="used")
    with pytest.raises(InvalidState):
        card_refunds.approve(actor=admin, refund_id=refused.id)
    with pytest.raises(Invalid):
        ask(customer, payment, amount=1_001)
    # Without an amount it is for what is unused.
    half = card_refunds.approve(actor=admin, refund_id=ask(customer, payment).id)
    assert (half.status, cancelled(payment), at_gateway()) == ("completed", 1, 1_000)
    assert breaks() == []


def test_a_refund_into_the_wallet_leaves_the_gateway_alone(customer, admin):
    payment = pay(customer)
    done = card_refunds.approve(actor=admin, refund_id=ask(customer, payment, to_wallet=True).id)
    assert (done.status, done.method) == ("completed", "wallet")
    assert (wallets.wallet_of(customer.id).balance, at_gateway()) == (2_000, 2_000)
    assert breaks() == []


def test_a_refund_that_the_gateway_refuses_gives_the_vouchers_back(customer, admin):
    payment = pay(customer)
    told("refund_fail")
    failed = card_refunds.approve(actor=admin, refund_id=ask(customer, payment).id)
    again = Payment.get(payment.id)
    assert (failed.status, again.refunding, again.refunded, cancelled(payment)) == ("failed", 0, 0, 0)
    assert card_refunds.approve(actor=admin, refund_id=ask(customer, payment).id).status == "completed"
    assert breaks() == []


def test_a_slow_refund_is_completed_by_its_webhook(customer, admin):
    payment = pay(customer)
    told("refund_delay")
    slow = card_refunds.approve(actor=admin, refund_id=ask(customer, payment).id)
    assert (slow.status, cancelled(payment)) == ("processing", 2)
    simulated_cards.hear()
    assert Refund.get(slow.id).status == "completed"
    assert (at_gateway(), breaks()) == (0, [])


def test_a_refund_whose_answer_was_lost_is_asked_about_and_paid_once(customer, admin, monkeypatch, move_clock):
    payment = pay(customer)
    really = SimulatedGateway.refund

    def answer_lost(self, order, *, again):
        really(self, order, again=again)
        raise GatewayUnavailable

    with monkeypatch.context() as cut:
        cut.setattr(SimulatedGateway, "refund", answer_lost)
        lost = card_refunds.approve(actor=admin, refund_id=ask(customer, payment).id)
    assert lost.status == "processing"
    move_clock(timedelta(minutes=2))
    assert card_refunds.follow_up_due() == 1
    assert Refund.get(lost.id).status == "completed"
    assert int(connections.redis().hget(simulated.RETURNED, payment.gateway.intent)) == 2_000
    assert (at_gateway(), breaks()) == (0, [])


def test_a_refund_made_in_the_gateways_dashboard_is_followed_once(customer, admin):
    payment = pay(customer, quantity=2)
    simulated_cards.hear()
    simulated.refund_outside(payment.gateway.intent, 1_000)
    simulated.refund_outside(payment.gateway.intent, 500)
    simulated_cards.hear()
    found = Payment.get(payment.id)
    assert (found.status, found.refunded, cancelled(payment)) == (Status.SUCCESS, 1_500, 2)
    assert [row.origin for row in Refund.find({"payment": payment.id})] == ["gateway", "gateway"]
    with pytest.raises(NotRefundable):
        card_refunds.approve(actor=admin, refund_id=_stale_request(customer, payment).id)
    assert (at_gateway(), breaks()) == (500, [])


def _stale_request(customer: User, payment: Payment) -> Refund:
    """A request that was made when more was left."""
    asked = ask(customer, payment, amount=500)
    return Refund.change({"_id": asked.id}, {"$set": {"amount": 501}})

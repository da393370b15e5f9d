"""Browsers, webhooks and janitors at once on one card payment: everything happens once."""
from documents.payments import Payment, Status
from documents.refunds import Refund
from documents.users import User
from services import card_janitor, card_payments, card_refunds, gateway_events, ledger
from services.gateways.payments import simulated
from services.gateways.payments.stripe_events import HEADER, sign
from services.payment_books import capture_reference
from tests.carding import at_gateway, codes, open_payment, pay
from tests.parallel import breaks, together


def hear(body: bytes) -> str:
    return gateway_events.hear_cards(body, {HEADER: sign(body, simulated.WEBHOOK_SECRET)})


def test_eight_confirms_and_the_webhooks_hand_the_vouchers_out_once(people):
    customer = people.client()
    for _ in range(5):
        payment, answers = _paid_by_all(customer)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert len(codes(payment)) == 2
        assert ledger.LedgerEntry.collection().count_documents({"reference": capture_reference(payment.id)}) == 1
    assert breaks() == []


def _paid_by_all(customer: User) -> tuple[Payment, list]:
    opened = open_payment(customer)
    simulated.SimulatedGateway().fetch(opened.intent.id)
    bodies = list(simulated.announcements())
    return opened.payment, together(8 + len(bodies), lambda number: hear(bodies[number - 8]) if number >= 8
                                    else card_payments.confirm(user=customer, intent_id=opened.intent.id))


def test_one_webhook_told_ten_times_at_once_is_applied_once(people):
    opened = open_payment(people.client())
    simulated.SimulatedGateway().fetch(opened.intent.id)
    body = simulated.event("payment_intent.succeeded", simulated.intent_as(opened.intent.id, "succeeded"))
    answers = together(10, lambda _number: hear(body))
    assert sorted(answers) == ["applied"] + ["ignored"] * 9
    assert len(codes(opened.payment)) == 2


def test_a_repeat_at_the_same_moment_opens_one_payment(people):
    customer = people.client()
    type_ = open_payment(customer).payment.purpose["voucher_type"]
    answers = together(8, lambda _number: card_payments.open_voucher_payment(
        user=customer, voucher_type_id=type_, quantity=1, key="once"))
    assert len({answer.payment.id for answer in answers}) == 1
    assert Payment.collection().count_documents({"keys": {"$gt": ""}}) == 1


def test_a_refund_approved_by_many_and_followed_by_janitors_is_paid_once(people):
    admin, customer = people.admin(), people.client()
    payment = pay(customer)
    asked = card_refunds.request(user=customer, payment_id=payment.id, reason="other")
    together(8, lambda number: card_refunds.follow_up_due() if number % 2
             else card_refunds.approve(actor=admin, refund_id=asked.id))
    together(4, lambda number: card_refunds.follow_up_due())
    assert Refund.get(asked.id).status == "completed"
    assert (Payment.get(payment.id).status, at_gateway()) == (Status.REFUNDED, 0)
    assert breaks() == []


def test_refunds_in_the_dashboard_told_at_once_add_up(people):
    payment = pay(people.client())
    list(simulated.announcements())
    for _ in range(4):
        simulated.refund_outside(payment.gateway.intent, 500)
    bodies = list(simulated.announcements())
    together(4, lambda number: hear(bodies[number]))
    assert (Payment.get(payment.id).refunded, at_gateway()) == (2_000, 0)
    assert breaks() == []


def test_five_janitors_ask_once(people, move_clock):
    from datetime import timedelta
    for _ in range(3):
        open_payment(people.client())
    move_clock(timedelta(minutes=11))
    together(5, lambda _number: card_janitor.follow_up_due())
    steps = simulated.connections.redis().hgetall(simulated.STEPS)
    assert not steps     # the payers had gone: nobody was charged by being asked
    assert Payment.collection().count_documents({"status": "PENDING"}) == 3

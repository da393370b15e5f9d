"""Card payments on the simulated gateway: opened once, paid once, given out once, and closed in time."""
import dataclasses
from datetime import timedelta

import pytest

from config import connections
from config import settings as settings_in_use
from documents import clock
from documents.errors import Conflict, NotFound
from documents.events import Event
from documents.payments import Payment, Status
from documents.redemptions import Redemption
from services import card_janitor, card_payments, ledger, simulated_cards
from services.card_payments import NotSuccessful
from services.gateway_outcomes import PaymentMismatch
from services.gateways.payments.base import GatewayUnavailable
from services.gateways.payments.choice import GatewayNotConfigured, cards, named, topups
from services.gateways.payments.simulated import SimulatedGateway
from services.idempotency import Mismatch
from tests.carding import at_gateway, codes, open_payment, pay, told
from tests.couponing import coupon
from tests.parallel import breaks
from tests.vouchering import voucher_type

MINUTE = timedelta(minutes=1)


def happened(payment: Payment) -> list[str]:
    return [event.type for event in Event.find({"subject": payment.subject}, sort=[("_id", 1)])]


def test_a_confirmed_payment_is_booked_and_hands_out_its_vouchers(people):
    customer = people.client()
    payment = pay(customer, quantity=3)
    assert (payment.status, payment.captured, payment.method) == (Status.SUCCESS, 3_000, "card")
    assert len(codes(payment)) == 3
    assert (at_gateway(), ledger.balance("sales")) == (3_000, 3_000)
    assert happened(payment) == ["payment.created", "voucher.issued", "payment.succeeded"]
    assert breaks() == []


def test_confirming_again_answers_the_same(people):
    customer = people.client()
    payment = pay(customer)
    again = card_payments.confirm(user=customer, intent_id=payment.gateway.intent)
    assert (again.id, codes(again)) == (payment.id, codes(payment))
    with pytest.raises(NotFound):
        card_payments.confirm(user=people.client(), intent_id=payment.gateway.intent)


def test_webhooks_do_the_work_when_the_browser_never_comes_back(people):
    told("closed_tab")
    payment = open_payment(people.client()).payment
    assert Payment.get(payment.id).status == Status.PENDING
    assert simulated_cards.hear() == 3
    assert len(codes(payment)) == 2
    assert breaks() == []


@pytest.mark.parametrize("behaviour", ["twice", "shuffled"])
def test_webhooks_may_come_twice_and_backwards(people, behaviour):
    told(behaviour)
    payment = pay(people.client())
    assert simulated_cards.hear() == 6
    assert len(codes(payment)) == 2
    assert at_gateway() == 2_000
    assert breaks() == []


def test_a_declined_card_can_be_followed_by_another_one_and_keeps_its_coupon(people):
    customer, type_ = people.client(), voucher_type(1_000)
    coupon(code="HALF", applies_to=["VOUCHER"])
    told("decline_once")
    opened = open_payment(customer, type_, discount_code="HALF")
    with pytest.raises(NotSuccessful):
        card_payments.confirm(user=customer, intent_id=opened.intent.id)
    declined = card_payments.get(opened.payment.id, user=customer)
    assert card_payments.shown(declined)["status"] == "failed"
    assert Redemption.of(opened.payment.subject).status == "HELD"
    paid = card_payments.confirm(user=customer, intent_id=opened.intent.id)
    assert (paid.status, paid.gateway.code) == (Status.SUCCESS, None)
    assert Redemption.of(opened.payment.subject).status == "CONFIRMED"
    assert breaks() == []


def test_a_delayed_payment_is_processing_until_its_webhook(people):
    customer = people.client()
    told("delay")
    opened = open_payment(customer)
    with pytest.raises(NotSuccessful):
        card_payments.confirm(user=customer, intent_id=opened.intent.id)
    assert Payment.get(opened.payment.id).status == Status.PROCESSING
    simulated_cards.hear()
    assert Payment.get(opened.payment.id).status == Status.SUCCESS


def test_another_amount_than_asked_for_gives_nothing_and_calls_staff_once(people):
    customer = people.client()
    told("short")
    opened = open_payment(customer)
    for _ in range(2):
        with pytest.raises(PaymentMismatch):
            card_payments.confirm(user=customer, intent_id=opened.intent.id)
    simulated_cards.hear()
    assert codes(opened.payment) == []
    assert happened(opened.payment).count("payment.mismatch") == 1
    assert breaks() == []


def test_an_abandoned_payment_is_closed_at_the_gateway_after_an_hour(people, move_clock):
    customer = people.client()
    coupon(code="HALF", applies_to=["VOUCHER"])
    told("abandon")
    opened = open_payment(customer, discount_code="HALF")
    move_clock(11 * MINUTE)
    assert card_janitor.follow_up_due() == 1
    assert Payment.get(opened.payment.id).status == Status.PENDING
    move_clock(61 * MINUTE)
    card_janitor.follow_up_due()
    assert Payment.get(opened.payment.id).status == Status.CANCELLED
    assert Redemption.of(opened.payment.subject) is None
    assert card_janitor.follow_up_due() == 0
    simulated_cards.hear()
    assert Payment.get(opened.payment.id).status == Status.CANCELLED


def test_the_janitor_hears_of_payments_that_nobody_told_of(people, move_clock):
    told("closed_tab")
    payment = open_payment(people.client()).payment
    connections.redis().delete("purser:cards:news")     # the webhooks are lost
    move_clock(11 * MINUTE)
    card_janitor.follow_up_due()
    assert len(codes(payment)) == 2
    assert Payment.get(payment.id).next_check_at is None


def test_a_coupon_that_pays_for_all_needs_no_gateway(people):
    customer = people.client()
    coupon(code="FREE", applies_to=["VOUCHER"], discount_value=10_000)
    opened = open_payment(customer, discount_code="FREE")
    assert (opened.intent, opened.payment.status, opened.payment.captured) == (None, Status.SUCCESS, 0)
    assert len(codes(opened.payment)) == 2
    assert breaks() == []


def test_a_repeat_under_one_key_finds_the_same_intent(people):
    customer, type_ = people.client(), voucher_type(1_000)
    first = open_payment(customer, type_, key="k")
    again = open_payment(customer, type_, key="k")
    assert (again.payment.id, again.intent.id, again.replayed) == (first.payment.id, first.intent.id, True)
    assert Payment.collection().count_documents({}) == 1
    with pytest.raises(Mismatch):
        open_payment(customer, type_, quantity=3, key="k")


def test_a_gateway_that_is_away_leaves_a_payment_that_is_carried_on(people, monkeypatch, move_clock):
    customer, type_ = people.client(), voucher_type(1_000)
    with monkeypatch.context() as away:
        away.setattr(SimulatedGateway, "open", lambda *_: (_ for _ in ()).throw(GatewayUnavailable))
        with pytest.raises(GatewayUnavailable):
            open_payment(customer, type_, key="k")
    assert open_payment(customer, type_, key="k").intent is not None
    assert Payment.collection().count_documents({}) == 1


def test_production_without_keys_takes_no_simulated_money(people, settings, monkeypatch):
    customer = people.client()
    monkeypatch.setattr(settings_in_use, "_current", dataclasses.replace(settings, app_env="production"))
    for ask in (cards, topups, lambda: named("simulated"), lambda: named("simulated_razorpay"),
                lambda: named("stripe"), lambda: open_payment(customer)):
        with pytest.raises(GatewayNotConfigured):
            ask()
    assert simulated_cards.hear() == 0
    with pytest.raises(Conflict):
        simulated_cards.tell("decline")


def test_money_taken_after_it_was_given_up_still_buys_what_it_was_for(people):
    customer = people.client()
    told("closed_tab")
    opened = open_payment(customer)
    Payment.advance(opened.payment.id, Status.EXPIRED, now=clock.now())
    simulated_cards.hear()
    assert Payment.get(opened.payment.id).status == Status.SUCCESS
    assert len(codes(opened.payment)) == 2
    assert breaks() == []

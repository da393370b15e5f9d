"""Webhooks of gateways: any order, any number of times, one end; and nothing from strangers."""
import itertools
import json
import time
from datetime import timedelta

import pytest

from documents.events import Event
from documents.gateway_events import GatewayEvent, Status
from documents.payments import Payment
from documents.payments import Status as Paid
from documents.refunds import Refund
from documents.vouchers import Voucher
from services import card_refunds, fulfilments, gateway_events, simulated_cards
from services.coupon_refusals import CouponExhausted
from services.gateways.payments import simulated
from services.gateways.payments.base import BadEvent, BadSignature
from services.gateways.payments.simulated import SimulatedGateway, charge_of, event, intent_as
from services.gateways.payments.stripe_events import HEADER, sign
from tests.carding import at_gateway, codes, open_payment, pay, told
from tests.parallel import breaks
from tests.vouchering import voucher_type

STATES = {"created": "open", "processing": "processing", "succeeded": "succeeded", "payment_failed": "declined"}


def hear(body: bytes, **signed) -> Status:
    return gateway_events.hear_cards(body, {HEADER: sign(body, simulated.WEBHOOK_SECRET, **signed)})


def story(payment: Payment) -> list[bytes]:
    """The five webhooks of a payment that was declined once, paid, and refunded in the dashboard."""
    intent = payment.gateway.intent
    SimulatedGateway().fetch(intent)
    simulated.refund_outside(intent, payment.final_amount)
    return [event(f"payment_intent.{name}", intent_as(intent, state)) for name, state in STATES.items()] + [
        event("charge.refunded", charge_of(intent))]


def end_of(payment: Payment) -> tuple:
    found = Payment.get(payment.id)
    vouchers = list(Voucher.find({"payment": payment.id}))
    return (found.status, found.captured, found.refunded, found.refunding, found.gateway.code, len(vouchers),
            sum(voucher.cancelled_at is not None for voucher in vouchers), Refund.collection().count_documents(
                {"payment": payment.id, "status": "completed"}))


@pytest.mark.parametrize("first", range(5))
def test_every_order_of_events_ends_in_the_same_state(people, first):
    customer, type_ = people.client(), voucher_type(1_000)
    ends = {}
    for rest in itertools.permutations({*range(5)} - {first}):
        order, payment = (first, *rest), open_payment(customer, type_).payment
        told_by = story(payment)
        for number in order:
            hear(told_by[number])
        assert hear(told_by[order[0]]) is Status.IGNORED    # and once more, late
        ends.setdefault(end_of(payment), []).append(order)
    assert list(ends) == [(Paid.REFUNDED, 2_000, 2_000, 0, None, 2, 2, 1)]
    assert at_gateway() == 0
    assert breaks() == []


def test_strangers_tampering_and_old_signatures_are_refused(client):
    body = event("payment_intent.succeeded", {"id": "pi_1"})
    secret = simulated.WEBHOOK_SECRET
    good = sign(body, secret)
    for sent, header in [
            (body, ""), (body, "t=1,v1=00"), (body, sign(body, "another secret")), (body + b" ", good),
            (body.replace(b"pi_1", b"pi_2"), good), (body, sign(body, secret, at=time.time() - 301)),
            (body, good.replace("v1=", "v0=")), (body, "t=x,v1=é")]:
        with pytest.raises(BadSignature):
            gateway_events.hear_cards(sent, {HEADER: header})
        answer = client.post("/api/payments/webhook/", data=sent, headers={HEADER: header},
                             content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (401, "bad_signature")
    with pytest.raises(BadEvent):
        hear(b"[]")
    assert GatewayEvent.collection().count_documents({}) == 0


def test_a_replayed_webhook_is_acknowledged_and_does_nothing(people, client):
    told("closed_tab")
    payment = open_payment(people.client()).payment
    body = event("payment_intent.succeeded", intent_as(payment.gateway.intent, "succeeded"))
    header = {HEADER: sign(body, simulated.WEBHOOK_SECRET)}
    statuses = [client.post("/api/payments/webhook", data=body, headers=header).json["status"] for _ in range(3)]
    assert statuses == ["applied", "ignored", "ignored"]
    assert len(codes(payment)) == 2


def test_unknown_events_are_kept_and_acknowledged(app):
    assert hear(event("customer.created", {"id": "cus_1"})) is Status.IGNORED
    intent = {"id": "pi_foreign", "status": "succeeded", "amount": 5, "currency": "inr"}
    assert hear(event("payment_intent.succeeded", intent)) is Status.IGNORED
    kept = list(GatewayEvent.find({}, sort=[("type", 1)]))
    assert [(kept_one.type, kept_one.status) for kept_one in kept] == [
        ("customer.created", "ignored"), ("payment_intent.succeeded", "ignored")]
    assert json.loads(kept[0].body)["data"]["object"]["id"] == "cus_1"


def test_a_webhook_finds_a_payment_whose_intent_was_never_noted(people):
    told("closed_tab")
    payment = open_payment(people.client()).payment
    Payment.change({"_id": payment.id}, {"$unset": {"gateway.intent": ""}})
    simulated_cards.hear()
    assert len(codes(payment)) == 2


def test_a_lost_dispute_takes_the_money_and_the_vouchers_and_is_tried_again_until_the_payment_is_known(
        people, move_clock):
    customer = people.client()
    payment = open_payment(customer).payment
    SimulatedGateway().fetch(payment.gateway.intent)
    news = list(simulated.announcements())
    simulated.dispute(payment.gateway.intent, lost=True)
    created, lost = simulated.announcements()
    assert hear(lost) is Status.WAITING
    assert [hear(body) for body in news] == [Status.APPLIED] * 3
    assert hear(created) is Status.APPLIED
    move_clock(timedelta(seconds=11))
    assert gateway_events.retry_due() == 1
    assert gateway_events.retry_due() == 0
    assert end_of(payment)[:3] == (Paid.REFUNDED, 2_000, 2_000)
    assert Refund.find_one({"payment": payment.id}).origin == "dispute"
    assert Event.find_one({"type": "payment.disputed"}) is not None
    assert (at_gateway(), breaks()) == (0, [])


def test_what_never_can_be_applied_is_parked_for_an_operator(people, move_clock):
    payment = open_payment(people.client()).payment
    simulated.dispute(payment.gateway.intent, lost=True)
    for body in list(simulated.announcements())[1:]:
        hear(body)
    for hours in range(1, 200, 7):
        move_clock(timedelta(hours=hours))
        gateway_events.retry_due()
    waiting = GatewayEvent.find_one({"type": "charge.dispute.closed"})
    assert (waiting.status, waiting.due_at, waiting.attempts) == (Status.PARKED, None, gateway_events.MAX_ATTEMPTS)


def test_money_for_which_nothing_can_be_given_goes_back(people, monkeypatch):
    def refuse(_payment: Payment) -> None:
        raise CouponExhausted

    monkeypatch.setitem(fulfilments.FULFILMENTS, "voucher", refuse)
    payment = pay(people.client())
    assert (payment.status, payment.refunding) == (Paid.SUCCESS, 2_000)
    assert card_refunds.follow_up_due() == 1
    assert end_of(payment)[:4] == (Paid.REFUNDED, 2_000, 2_000, 0)
    simulated_cards.hear()
    assert (at_gateway(), codes(payment), breaks()) == (0, [], [])

"""Card payments against localstripe: the real SDK, real intents, real signed webhooks."""
import dataclasses
from collections.abc import Iterator

import pytest

from config import settings as settings_in_use
from documents.payments import Payment, Status
from documents.refunds import Refund
from services import card_payments, card_refunds, gateway_events
from services.card_payments import NotSuccessful
from services.gateways.payments.base import BadSignature, GatewayRefused, GatewayUnavailable, Order, RefundOrder
from services.gateways.payments.choice import cards
from tests import stripe_server
from tests.carding import codes, open_payment
from tests.parallel import breaks
from tests.stripe_server import BAD_CARD, LocalStripe


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    with stripe_server.running(tmp_path_factory.mktemp("stripe")) as server:
        yield server


@pytest.fixture
def stripe(app, settings, server: LocalStripe, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStripe]:
    monkeypatch.setattr(settings_in_use, "_current", dataclasses.replace(
        settings, stripe_secret_key=stripe_server.SECRET_KEY, stripe_webhook_secret=stripe_server.WEBHOOK_SECRET,
        stripe_api_base=server.base))
    yield server
    cards().close()


def heard(server: LocalStripe) -> tuple[bytes, dict[str, str]]:
    """The next webhook, as it arrived."""
    return server.webhooks.get(timeout=20)


def test_a_payment_confirmed_by_its_browser_and_told_by_webhook_is_one(people, stripe):
    customer = people.client()
    opened = open_payment(customer)
    assert opened.intent.client_secret.startswith(opened.intent.id)
    with pytest.raises(NotSuccessful):
        card_payments.confirm(user=customer, intent_id=opened.intent.id)
    assert stripe.pay(opened.intent.id) == 200
    paid = card_payments.confirm(user=customer, intent_id=opened.intent.id)
    assert (paid.status, paid.gateway.name, paid.gateway.charge[:3]) == (Status.SUCCESS, "stripe", "ch_")
    body, headers = heard(stripe)
    assert [gateway_events.hear_cards(body, headers) for _ in range(2)] == ["applied", "ignored"]
    assert len(codes(paid)) == 2
    assert breaks() == []


def test_a_payer_who_closes_the_browser_gets_the_vouchers_by_webhook(people, stripe, client):
    opened = open_payment(people.client())
    stripe.pay(opened.intent.id)
    body, headers = heard(stripe)
    with pytest.raises(BadSignature):
        gateway_events.hear_cards(body.replace(b"2000", b"9000"), headers)
    answer = client.post("/api/payments/webhook/", data=body, headers={
        name: headers[name] for name in ("Stripe-Signature", "Content-Type")})
    assert answer.json == {"received": True, "status": "applied"}
    assert len(codes(opened.payment)) == 2


def test_a_declined_card(people, stripe):
    customer = people.client()
    opened = open_payment(customer)
    assert stripe.pay(opened.intent.id, BAD_CARD) == 402
    with pytest.raises(NotSuccessful):
        card_payments.confirm(user=customer, intent_id=opened.intent.id)
    gateway_events.hear_cards(*heard(stripe))
    found = Payment.get(opened.payment.id)
    assert (found.status, found.gateway.code) == (Status.PENDING, "card_declined")


def test_refunds_are_found_again_by_our_own_id(people, stripe):
    admin, customer = people.admin(), people.client()
    opened = open_payment(customer)
    stripe.pay(opened.intent.id)
    paid = card_payments.confirm(user=customer, intent_id=opened.intent.id)
    heard(stripe)
    asked = card_refunds.request(user=customer, payment_id=paid.id, reason="other", amount=1_000)
    done = card_refunds.approve(actor=admin, refund_id=asked.id)
    assert (done.status, done.gateway_refund[:3], stripe.refunded(opened.intent.id)) == ("completed", "re_", 1_000)
    order = RefundOrder(refund=done.id, intent=opened.intent.id, charge=paid.gateway.charge, amount=1_000)
    assert cards().refund(order, again=True).id == done.gateway_refund
    assert stripe.refunded(opened.intent.id) == 1_000
    assert card_payments.follow(paid).refunded == 1_000
    assert Refund.collection().count_documents({}) == 1
    assert breaks() == []


def test_an_intent_is_closed_once(stripe):
    intent = cards().open(Order(payment="p", user=1, amount=500, currency="INR"))
    assert [cards().cancel(intent.id).state for _ in range(2)] == ["cancelled", "cancelled"]


def test_what_stripe_refuses_and_a_stripe_that_is_away(stripe, monkeypatch):
    with pytest.raises(GatewayRefused):
        cards().open(Order(payment="p", user=1, amount=0, currency="INR"))
    with pytest.raises(GatewayRefused):
        cards().fetch("pi_unknown")
    with monkeypatch.context() as away:
        away.setattr(settings_in_use, "_current", dataclasses.replace(
            settings_in_use.current(), stripe_api_base="http://127.0.0.1:1"))
        with pytest.raises(GatewayUnavailable):
            cards().fetch("pi_unknown")

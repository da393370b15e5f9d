"""A till's payment paid by card: opened, confirmed, given back, and nobody pays it twice meanwhile."""
from datetime import timedelta

import pytest

from documents.payments import Payment, Status
from documents.refunds import Refund
from services import card_janitor, card_refunds, ledger
from services.gateways.payments import simulated
from services.payment_books import gateway_account, receivable
from tests.parallel import breaks, together


@pytest.fixture
def till(people, as_user):
    """A merchant's owner with a shop."""
    owner = as_user(people.client())
    made = owner.post("/api/merchants/", json={"business_name": "Corner", "phone": "+919812345670"})
    owner.merchant = made.json.get("id") or made.json["merchant"]["id"]
    return owner


@pytest.fixture
def customer(people, as_user):
    return as_user(people.client())


def ask(till, amount: str = "100.00") -> str:
    return till.post("/api/payments/create/", json={"amount": amount}).json["payment"]["id"]


def pay_by_card(customer, payment: str) -> str:
    """Open it, pay at the simulated gateway; the intent's id."""
    opened = customer.post(f"/api/payments/pay/{payment}/card/")
    assert opened.status_code == 201, opened.json
    assert (opened.json["payment_id"], opened.json["amount"]) == (payment, 100.0)
    return opened.json["payment"]["payment_intent_id"]


def confirm(customer, intent: str):
    return customer.post("/api/payments/confirm-payment/", json={"payment_intent_id": intent})


def test_a_card_pays_the_till_once_however_often_confirmed(till, customer):
    payment = ask(till)
    intent = pay_by_card(customer, payment)
    answers = together(4, lambda _n: confirm(customer, intent).status_code)
    assert answers == [200] * 4
    paid = Payment.get(payment)
    assert (paid.status, paid.method, paid.captured) == (Status.SUCCESS, "card", 10_000)
    assert ledger.balance(receivable(till.merchant)) == 10_000
    assert till.get("/api/payments/list/").json[0]["status"] == "SUCCESS"
    assert breaks() == []


def test_asking_again_finds_the_same_intent(till, customer):
    payment = ask(till)
    assert pay_by_card(customer, payment) == pay_by_card(customer, payment)


def test_nobody_else_pays_meanwhile(till, customer, people, as_user, fund):
    payment = ask(till)
    pay_by_card(customer, payment)
    rich = people.client()
    fund(rich, "500.00")
    other = as_user(rich)
    assert other.post(f"/api/payments/pay/{payment}/", json={}).status_code == 409
    assert other.post(f"/api/payments/pay/{payment}/card/").status_code == 409
    assert till.post(f"/api/payments/verify/{payment}/", json={"status": "SUCCESS"}).status_code == 409
    assert till.post(f"/api/payments/pay/{payment}/card/").status_code == 403


def test_somebody_elses_intent_is_not_confirmed(till, customer, people, as_user):
    intent = pay_by_card(customer, ask(till))
    assert confirm(as_user(people.client()), intent).status_code == 404


def test_a_card_payment_goes_back_through_the_gateway(till, customer):
    payment = ask(till)
    confirm(customer, pay_by_card(customer, payment))
    refunded = till.post(f"/api/payments/refund/{payment}/", json={"amount": "40.00"})
    assert refunded.status_code == 201
    assert Refund.find_one({"payment": payment}).status == "processing"
    card_refunds.follow_up_due()
    assert Refund.find_one({"payment": payment}).status == "completed"
    assert ledger.balance(receivable(till.merchant)) == 6_000
    assert ledger.balance(gateway_account(Payment.get(payment).gateway.name)) == -6_000
    assert till.post(f"/api/payments/refund/{payment}/", json={"amount": "60.01"}).status_code == 409
    assert breaks() == []


def test_an_intent_that_nobody_pays_is_closed_after_an_hour(till, customer, move_clock):
    payment = ask(till)
    simulated.tell("abandon")
    pay_by_card(customer, payment)
    move_clock(timedelta(hours=2))
    card_janitor.follow_up_due()
    assert Payment.get(payment).status in (Status.EXPIRED, Status.CANCELLED)
    assert breaks() == []

"""Payments at the till: what each step moves, and what it refuses."""
from datetime import timedelta

import pytest

from documents.errors import Forbidden, NotFound
from documents.payment_transactions import PaymentTransaction
from documents.payments import EXPIRES_AFTER, Method, Payment, Status
from services import cashiers, ledger, merchants, pos, pos_refunds, settlements, wallets
from services.ledger import InsufficientFunds
from services.merchants import MerchantInactive, MerchantRequired
from services.payments import InvalidState
from tests.parallel import breaks
from tests.shops import ask, paid_by, receivable, shop, take, till


def balance(user) -> int:
    return wallets.wallet_of(user.id).balance


def test_a_wallet_payment_moves_the_money_once(people, fund):
    owner, customer = people.client(), people.client()
    merchant = shop(owner)
    fund(customer, "150.00")
    paid = paid_by(customer, owner)
    assert (paid.status, paid.method, paid.user, paid.captured) == (Status.SUCCESS, Method.WALLET, customer.id, 10_000)
    assert (balance(customer), receivable(merchant), till(merchant)) == (5_000, 10_000, 0)
    with pytest.raises(InvalidState):
        pos.pay(user=customer, payment_id=paid.id)
    assert [(row.status, row.reference) for row in PaymentTransaction.find({"payment": paid.id})] == [
        ("SUCCESS", "WALLET")]
    assert breaks() == []


def test_too_little_money_changes_nothing(people, fund):
    owner, customer, penniless = people.client(), people.client(), people.client()
    merchant = shop(owner)
    fund(customer, "99.99")
    payment = ask(owner)
    for poor in (customer, penniless):
        with pytest.raises(InsufficientFunds):
            pos.pay(user=poor, payment_id=payment.id)
    assert (Payment.get(payment.id).status, receivable(merchant)) == (Status.PENDING, 0)
    assert breaks() == []


def test_cash_and_upi_are_confirmed_by_the_till(people):
    owner = people.client()
    merchant = shop(owner)
    take(owner, "60.00", Method.CASH)
    take(owner, "40.00", Method.UPI)
    assert (receivable(merchant), till(merchant), ledger.balance("upi")) == (10_000, -6_000, -4_000)
    assert breaks() == []


def test_a_payment_goes_through_its_states_and_never_back(people):
    owner, customer = people.client(), people.client()
    shop(owner)
    payment = ask(owner)
    assert pos.scan(user=customer, payment_id=payment.id).status == Status.SCANNED
    with pytest.raises(InvalidState):
        pos.scan(user=customer, payment_id=payment.id)
    assert pos.confirm(user=owner, payment_id=payment.id, paid=False).status == Status.FAILED
    for again in (True, False):
        with pytest.raises(InvalidState):
            pos.confirm(user=owner, payment_id=payment.id, paid=again)
    with pytest.raises(InvalidState):
        pos.cancel(user=owner, payment_id=payment.id)
    assert breaks() == []


def test_an_unpaid_payment_expires_on_read_and_by_the_job(people, move_clock, fund):
    owner, customer = people.client(), people.client()
    shop(owner)
    fund(customer, "500.00")
    payment, other = ask(owner), ask(owner)
    pos.cancel(user=owner, payment_id=other.id)
    move_clock(EXPIRES_AFTER + timedelta(seconds=1))
    assert pos.shown(payment.status, payment.expires_at) == ("FAILED", "expired")
    with pytest.raises(InvalidState):
        pos.pay(user=customer, payment_id=payment.id)
    with pytest.raises(InvalidState):
        pos.confirm(user=owner, payment_id=payment.id, paid=True)
    assert pos.expire_due() == 1
    assert pos.expire_due() == 0
    assert Payment.get(payment.id).status == Status.EXPIRED


def test_a_deactivated_merchant_takes_no_payment(people, fund):
    owner, customer = people.client(), people.client()
    merchant = shop(owner)
    fund(customer, "500.00")
    payment = ask(owner)
    merchants.switch(merchant.id, active=False)
    for attempt in (lambda: ask(owner), lambda: pos.pay(user=customer, payment_id=payment.id),
                    lambda: pos.confirm(user=owner, payment_id=payment.id, paid=True)):
        with pytest.raises(MerchantInactive):
            attempt()
    merchants.switch(merchant.id, active=True)
    assert pos.pay(user=customer, payment_id=payment.id).status == Status.SUCCESS


def test_nobody_pays_at_its_own_till(people, fund):
    owner, cashier = people.client(), people.client()
    shop(owner)
    cashiers.add(owner=owner, email=cashier.email)
    for person in (owner, cashier):
        fund(person, "500.00")
        with pytest.raises(pos.OwnPayment):
            pos.pay(user=person, payment_id=ask(owner).id)


def test_only_the_own_till_confirms(people):
    owner, stranger, customer = people.client(), people.client(), people.client()
    shop(owner)
    shop(stranger)
    payment = ask(owner)
    for person in (stranger, customer):
        with pytest.raises(NotFound):
            pos.confirm(user=person, payment_id=payment.id, paid=True)
        with pytest.raises(NotFound):
            pos.cancel(user=person, payment_id=payment.id)
    with pytest.raises(NotFound):
        pos.scan(user=stranger, payment_id=payment.id)
    with pytest.raises(MerchantRequired):
        ask(customer)


def test_a_cashier_takes_payments_and_nothing_else(people):
    owner, cashier = people.client(), people.client()
    merchant = shop(owner)
    cashiers.add(owner=owner, email=cashier.email)
    payment = take(cashier, "30.00")
    assert (payment.merchant, payment.created_by) == (merchant.id, cashier.id)
    assert merchants.find_own(cashier) is None
    with pytest.raises(NotFound):
        merchants.get(merchant.id, viewer=cashier)
    with pytest.raises(MerchantRequired):
        cashiers.add(owner=cashier, email=owner.email)
    with pytest.raises(Forbidden):
        pos_refunds.refund(user=cashier, payment_id=payment.id)
    with pytest.raises(MerchantRequired):
        settlements.settle_by_hand(actor=cashier, amount=100)
    cashiers.remove(owner=owner, user_id=cashier.id)
    with pytest.raises(MerchantRequired):
        ask(cashier)

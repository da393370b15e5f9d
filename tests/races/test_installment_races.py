"""Many payments of one instalment, many purchases under one key, one product bought and deleted at once."""
from datetime import timedelta

import pytest

from documents import clock
from documents.errors import Invalid
from documents.messages import Message
from documents.products import Product
from documents.purchases import Purchase, Status
from services import installments, ledger, products, purchases, reminders, wallets
from services.installments import NothingToPay, PaymentTooLarge
from services.ledger import InsufficientFunds
from tests.buying import booked, buy, installment, product
from tests.parallel import breaks, together


@pytest.fixture
def buyer(people):
    return people.client()


@pytest.fixture
def laptop(buyer) -> Purchase:
    return buy(buyer, "20000.00", "6000.00", 3)


def test_twenty_partial_payments_lose_nothing(buyer, laptop):
    part = laptop.installments[1]
    results = together(20, lambda _n: installments.pay(actor=buyer, installment_id=part.id, amount=100_00))
    assert [result for result in results if not isinstance(result, dict)] == []
    assert installment(laptop, 2).paid_amount == 2_000_00
    assert len({payment.reference for payment in installment(laptop, 2).payments}) == 20
    assert booked()["sales"] == 8_000_00
    assert breaks() == []


def test_twenty_full_payments_accept_one(buyer, laptop, fund):
    wallets.open_wallet(owner=buyer.id)
    fund(buyer, "20000.00")
    part = laptop.installments[1]
    results = together(20, lambda _n: installments.pay(
        actor=buyer, installment_id=part.id, amount=7_000_00, method="wallet"))
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(isinstance(result, NothingToPay) for result in results) == 19
    assert wallets.wallet_of(buyer.id).balance == 13_000_00
    assert breaks() == []


def test_payments_that_together_are_too_much_stop_at_the_due(buyer, laptop):
    part = laptop.installments[1]
    results = together(20, lambda _n: installments.pay(actor=buyer, installment_id=part.id, amount=600_00))
    assert sum(isinstance(result, dict) for result in results) == 11
    assert sum(isinstance(result, PaymentTooLarge) for result in results) == 9
    assert installment(laptop, 2).due_amount == 400_00
    assert breaks() == []


def test_the_wallet_stops_payments_of_different_instalments(buyer, laptop, fund):
    wallets.open_wallet(owner=buyer.id)
    fund(buyer, "1000.00")
    results = together(20, lambda n: installments.pay(
        actor=buyer, installment_id=laptop.installments[1 + n % 2].id, amount=100_00, method="wallet"))
    assert sum(isinstance(result, dict) for result in results) == 10
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 10
    assert breaks() == []


def test_the_rest_is_paid_once_beside_single_payments(buyer, laptop):
    third = laptop.installments[2].id
    together(20, lambda n: installments.pay_rest(actor=buyer, purchase_id=laptop.id) if n % 2
             else installments.pay(actor=buyer, installment_id=third, amount=1_00))
    assert Purchase.get(laptop.id).status == Status.PAID
    assert booked()["sales"] == 20_000_00
    assert breaks() == []


def test_one_fee_is_given_back_once(people, buyer, laptop, move_clock):
    move_clock(timedelta(days=31))
    part, admin = laptop.installments[1].id, people.admin()
    installments.pay(actor=buyer, installment_id=part, amount=7_700_00)
    results = together(10, lambda _n: installments.waive_fee(actor=admin, installment_id=part, reason="ours"))
    assert sum(isinstance(result, dict) for result in results) == 1
    assert ledger.balance("late_fees") == 0
    assert breaks() == []


def test_of_two_schedules_read_at_the_same_revision_one_is_stored(buyer, laptop):
    """Without any transaction around it: the revision alone has to tell."""
    copies = [Purchase.get(laptop.id) for _ in range(20)]
    for number, copy in enumerate(copies):
        copy.installments[1].take(amount=1, fee=0, method="cash", at=clock.now(), actor=1, reference=f"r:{number}")
    results = together(20, lambda n: copies[n].store(clock.now()))
    assert sum(result is not None for result in results) == 1
    assert len(installment(laptop, 2).payments) == 1


def test_one_key_buys_once(as_user, buyer):
    body = {"product": product().id, "first_installment_amount": "6000.00", "installment_count": 3}
    answers = together(20, lambda _n: as_user(buyer).post(
        "/api/purchases/create/", json=body, headers={"Idempotency-Key": "one"}))
    made = [answer.json for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({row["id"] for row in made}) == 1
    assert Purchase.collection().count_documents({}) == 1
    assert booked()["sales"] == 6_000_00
    assert breaks() == []


def test_a_product_is_never_deleted_under_its_first_buyer(buyer):
    for _ in range(10):
        article = product("100.00")
        results = together(2, lambda n, article=article: products.remove(article.id) if n else purchases.buy(
            actor=buyer, product=article.id, first_installment_amount=100_00, installment_count=1))
        bought = isinstance(results[0], Purchase)
        assert bought or isinstance(results[0], Invalid)
        kept = Product.find_one({"_id": article.id})
        assert (kept is not None and not kept.is_active) if bought else kept is None
    assert breaks() == []


def test_five_schedulers_send_each_reminder_once(buyer, laptop, move_clock):
    buy(buyer, "100.00", "50.00", 2)
    move_clock(timedelta(days=27))
    sent = together(5, lambda _n: reminders.send_due())
    assert sum(sent) == 2
    assert Message.collection().count_documents({"subject": "Installment Due Reminder"}) == 2

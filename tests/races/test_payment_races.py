"""Many hands on one payment, one refund, one settlement."""
from collections import Counter
from datetime import timedelta

import pytest

from documents import clock
from documents.errors import Conflict
from documents.merchants import Merchant
from documents.payments import Payment
from documents.refunds import Refund
from documents.settlements import Settlement, SettlementBook
from services import ledger, merchants, pos, pos_refunds, settlement_cycles, settlements, wallets
from services.merchants import MerchantExists
from services.settlements import AlreadyPaid, ExceedsReceivable
from tests.parallel import breaks, together
from tests.shops import ask, paid_by, receivable, shop, take


def test_ten_payments_confirmed_eight_times_each_are_ten(people, move_clock):
    owner = people.client()
    merchant = shop(owner, settings={"settlement_cycle": "INSTANT"})
    asked = [ask(owner, "10.00") for _ in range(10)]
    results = together(80, lambda n: pos.confirm(user=owner, payment_id=asked[n % 10].id, paid=True))
    assert Counter(isinstance(result, Payment) for result in results) == {True: 10, False: 70}
    assert all(isinstance(result, (Payment, Conflict)) for result in results)
    assert receivable(merchant) == 10_000
    move_clock(timedelta(seconds=1))
    together(8, lambda _n: settlement_cycles.close_due())
    assert sum(row.gross for row in Settlement.find({})) == 10_000
    assert breaks() == []


def test_ten_customers_race_for_one_payment_and_one_pays(people, fund):
    owner, customers = people.client(), [people.client() for _ in range(10)]
    merchant = shop(owner)
    for customer in customers:
        fund(customer, "100.00")
    payment = ask(owner)
    results = together(20, lambda n: pos.pay(user=customers[n % 10], payment_id=payment.id))
    assert sum(isinstance(result, Payment) for result in results) == 1
    assert sorted(wallets.wallet_of(customer.id).balance for customer in customers) == [0] + [10_000] * 9
    assert receivable(merchant) == 10_000
    assert breaks() == []


def test_paid_confirmed_cancelled_and_expired_at_once_ends_one_way(people, fund, move_clock):
    owner, customer = people.client(), people.client()
    shop(owner)
    fund(customer, "1000.00")
    asked = [ask(owner, "10.00") for _ in range(8)]
    ways = [lambda p: pos.pay(user=customer, payment_id=p), lambda p: pos.cancel(user=owner, payment_id=p),
            lambda p: pos.confirm(user=owner, payment_id=p, paid=True),
            lambda p: pos.confirm(user=owner, payment_id=p, paid=False)]
    results = together(32, lambda n: ways[n % 4](asked[n // 4].id))
    assert sum(isinstance(result, Payment) for result in results) == 8
    assert breaks() == []


def test_two_refunds_of_sixty_on_a_hundred_fifty_times_are_one_each(people, fund):
    owner, customer = people.client(), people.client()
    shop(owner)
    fund(customer, "5000.00")
    payments = [paid_by(customer, owner) for _ in range(50)]
    for batch in range(0, 50, 10):
        together(20, lambda n, first=batch: pos_refunds.refund(
            user=owner, payment_id=payments[first + n // 2].id, amount=6_000))
    assert Counter(row.payment for row in Refund.find({})) == {payment.id: 1 for payment in payments}
    assert wallets.wallet_of(customer.id).balance == 50 * 6_000
    assert breaks() == []


def test_manual_settlements_at_once_never_exceed_what_is_due(people):
    owner = people.client()
    merchant = shop(owner)
    take(owner, "100.00")
    results = together(10, lambda _n: settlements.settle_by_hand(actor=owner, amount=3_000))
    assert Counter(type(result) for result in results) == {Settlement: 3, ExceedsReceivable: 7}
    assert (receivable(merchant), ledger.balance(f"payable:{merchant.id}")) == (1_000, 9_000)
    assert SettlementBook.get(merchant.id).carried == 1_000
    assert breaks() == []


def test_settling_while_customers_pay_and_get_refunds_loses_and_doubles_nothing(people, fund):
    owner, customers = people.client(), [people.client() for _ in range(4)]
    merchant = shop(owner, settings={"settlement_cycle": "INSTANT"})
    for customer in customers:
        fund(customer, "100.00")

    def work(number: int) -> None:
        if number < 4:
            for _ in range(5):
                payment = paid_by(customers[number], owner, "10.00")
            pos_refunds.refund(user=owner, payment_id=payment.id, amount=400)
        else:
            for _ in range(5):
                settlements.close(merchant_id=merchant.id, before=clock.now())

    assert [result for result in together(7, work) if result is not None] == []
    settlements.close(merchant_id=merchant.id, before=clock.now() + timedelta(seconds=1))
    rows = list(Settlement.find({}))
    assert sum(row.payment_count for row in rows) == 20
    assert sum(row.amount for row in rows) + receivable(merchant) == 20 * 1_000 - 4 * 400
    assert breaks() == []


def test_many_mark_one_settlement_as_paid(people):
    owner, admin = people.client(), people.admin()
    shop(owner)
    take(owner)
    made = settlements.settle_by_hand(actor=owner, amount=10_000)
    results = together(10, lambda _n: settlements.mark_paid(made.id, by=admin))
    assert Counter(type(result) for result in results) == {Settlement: 1, AlreadyPaid: 9}
    assert ledger.balance("bank") == 10_000
    assert breaks() == []


def test_one_person_gets_one_merchant(people):
    owner = people.client()
    results = together(10, lambda n: merchants.create(owner=owner, business_name=f"Shop {n}"))
    assert Counter(type(result) for result in results) == {Merchant: 1, MerchantExists: 9}
    assert SettlementBook.collection().count_documents({}) == 1


def test_bank_accounts_replaced_by_many_leave_one_primary(people):
    owner = people.client()
    merchant = shop(owner)

    def accounts(number: int) -> list[dict]:
        return [{"name": "Shop", "bank_name": "Bank", "ifsc": "HDFC0001", "account_number": f"{number}-{place}",
                 "is_primary": place == number % 3} for place in range(3)]

    together(12, lambda n: merchants.change(merchant.id, viewer=owner, bank_accounts=accounts(n)))
    stored = Merchant.get(merchant.id).bank_accounts
    assert len({account.account_number.split("-")[0] for account in stored}) == 1
    assert [account.is_primary for account in stored].count(True) == 1


def test_the_server_refuses_a_second_primary_and_a_refund_above_the_payment(people):
    owner = people.client()
    merchant = shop(owner, bank_accounts=[{"name": "S", "bank_name": "B", "ifsc": "I", "account_number": "1",
                                           "is_primary": True}])
    payment = take(owner)
    for document, match, update in (
            (Merchant, {"_id": merchant.id}, {"$set": {"bank_accounts.0.is_primary": False}}),
            (Payment, {"_id": payment.id}, {"$set": {"refunded": 10_001}}),
            (Payment, {"_id": payment.id}, {"$set": {"final_amount": 1}})):
        with pytest.raises(Exception, match="failed validation"):
            document.collection().update_one(match, update)

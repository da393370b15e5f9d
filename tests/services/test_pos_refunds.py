"""Refunds at the till: parts that add up, never more than was taken, by the way the money came."""
import pytest

from documents.errors import NotFound
from documents.payment_transactions import PaymentTransaction
from documents.payments import Method, Payment, Status, UsedCoupon
from services import ledger, payment_books, pos_refunds, wallets
from services.refunds import NotRefundable
from tests.parallel import breaks
from tests.shops import ask, paid_by, receivable, shop, take, till


def test_parts_add_up_and_nothing_is_left(people, fund):
    owner, customer = people.client(), people.client()
    merchant = shop(owner)
    fund(customer, "100.00")
    payment = paid_by(customer, owner)
    pos_refunds.refund(user=owner, payment_id=payment.id, amount=3_333)
    with pytest.raises(NotRefundable):
        pos_refunds.refund(user=owner, payment_id=payment.id, amount=6_668)
    assert Payment.get(payment.id).status == Status.SUCCESS
    rest = pos_refunds.refund(user=owner, payment_id=payment.id)
    assert (rest.amount, rest.status, rest.user) == (6_667, "completed", customer.id)
    assert (wallets.wallet_of(customer.id).balance, receivable(merchant)) == (10_000, 0)
    assert Payment.get(payment.id).status == Status.REFUNDED
    with pytest.raises(NotRefundable):
        pos_refunds.refund(user=owner, payment_id=payment.id, amount=1)
    attempt = PaymentTransaction.find_one({"payment": payment.id})
    assert attempt.status == "REFUNDED"
    assert [line.message for line in attempt.logs][1:] == ["Refunded 33.33", "Refunded 66.67"]
    assert breaks() == []


def test_cash_comes_out_of_the_till_and_upi_out_of_the_house(people):
    owner = people.client()
    merchant = shop(owner)
    cash, upi = take(owner, "50.00", Method.CASH), take(owner, "70.00", Method.UPI)
    pos_refunds.refund(user=owner, payment_id=cash.id, amount=2_000)
    pos_refunds.refund(user=owner, payment_id=upi.id)
    assert (receivable(merchant), till(merchant), ledger.balance("upi")) == (3_000, -3_000, 0)
    assert breaks() == []


def test_unpaid_and_foreign_payments_are_not_refunded(people):
    owner, stranger = people.client(), people.client()
    shop(owner)
    shop(stranger)
    with pytest.raises(NotRefundable):
        pos_refunds.refund(user=owner, payment_id=ask(owner).id)
    with pytest.raises(NotFound):
        pos_refunds.refund(user=stranger, payment_id=take(owner).id)


def test_the_house_takes_its_discount_back_in_proportion_to_the_minor_unit():
    payment = Payment(amount=10_000, discount=1_001, final_amount=8_999, captured=8_999,
                      coupon=UsedCoupon(id=1, code="X", funded_by="house"))
    parts = [3_333, 1, 4_000, 1_665]
    shares = [payment_books.subsidy_share(payment, sum(parts[:number]), part) for number, part in enumerate(parts)]
    assert sum(parts) == 8_999
    assert sum(shares) == 1_001
    assert all(abs(share - 1_001 * part / 8_999) < 1 for share, part in zip(shares, parts, strict=True))

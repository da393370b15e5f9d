"""Coupons at the till: applied once, borne by whoever gave them, given back with the payment."""
from datetime import timedelta

import pytest

from documents import clock
from documents.coupons import Coupon
from documents.ids import next_id
from documents.payments import EXPIRES_AFTER, Payment, Status
from services import ledger, pos, pos_refunds, wallets
from services.coupons import AlreadyHasCoupon, CouponExhausted, CouponUnknown, OrderTooLow
from services.ledger import InsufficientFunds
from tests.parallel import breaks
from tests.shops import ask, receivable, shop, take


def coupon(code: str = "TEN", *, merchant: int | None = None, value: int = 1_000, limit: int = 1, **terms) -> Coupon:
    """A flat coupon, of the merchant or of the house."""
    now = clock.now()
    return Coupon(id=next_id("coupons"), code=code, start_date=now, expiry_date=now + timedelta(days=30),
                  usage_limit=limit, merchant=merchant, created_by=1, created_at=now, updated_at=now,
                  **{"discount_type": "flat", "discount_value": value, "audience": "all", "applies_to": ["POS"],
                     **terms}).create()


def used(code: str = "TEN") -> int:
    return Coupon.find_one({"code": code}).used_count


@pytest.mark.parametrize(("of_merchant", "credited", "promotions"), [(True, 9_000, 0), (False, 10_000, -1_000)])
def test_who_gave_the_coupon_bears_it(people, fund, of_merchant, credited, promotions):
    owner, customer = people.client(), people.client()
    merchant = shop(owner)
    coupon(merchant=merchant.id if of_merchant else None)
    fund(customer, "100.00")
    payment = ask(owner, coupon_code="ten")
    assert (payment.discount, payment.final_amount) == (1_000, 9_000)
    pos.pay(user=customer, payment_id=payment.id)
    assert (receivable(merchant), ledger.balance("promotions")) == (credited, promotions)
    assert wallets.wallet_of(customer.id).balance == 1_000
    assert used() == 1
    assert breaks() == []


def test_a_customer_brings_its_coupon_to_the_payment(people, fund):
    owner, customer = people.client(), people.client()
    merchant = shop(owner)
    coupon(merchant=merchant.id)
    coupon("MORE", merchant=merchant.id)
    fund(customer, "50.00")
    payment = ask(owner)
    with pytest.raises(InsufficientFunds):
        pos.pay(user=customer, payment_id=payment.id, coupon_code="TEN")
    assert (used(), Payment.get(payment.id).discount) == (0, 0)     # nothing of it stays
    fund(customer, "40.00")
    assert pos.pay(user=customer, payment_id=payment.id, coupon_code="TEN").final_amount == 9_000
    assert used() == 1
    second = ask(owner, "20.00", coupon_code="MORE")
    coupon("THIRD", merchant=merchant.id)
    with pytest.raises(AlreadyHasCoupon):
        pos.pay(user=customer, payment_id=second.id, coupon_code="THIRD")
    assert breaks() == []


def test_a_code_that_does_not_fit_makes_no_payment(people):
    owner = people.client()
    merchant = shop(owner)
    coupon(merchant=merchant.id, min_order_amount=20_000)
    for code, refusal in (("NONE", CouponUnknown), ("TEN", OrderTooLow)):
        with pytest.raises(refusal):
            ask(owner, coupon_code=code)
    assert Payment.collection().count_documents({}) == 0


@pytest.mark.parametrize("end", ["failed", "cancelled", "expired"])
def test_the_coupon_comes_back_when_nobody_pays(people, move_clock, end):
    owner = people.client()
    merchant = shop(owner)
    coupon(merchant=merchant.id)
    payment = ask(owner, coupon_code="TEN")
    with pytest.raises(CouponExhausted):
        ask(owner, coupon_code="TEN")
    if end == "failed":
        pos.confirm(user=owner, payment_id=payment.id, paid=False)
    elif end == "cancelled":
        pos.cancel(user=owner, payment_id=payment.id)
    else:
        move_clock(EXPIRES_AFTER + timedelta(seconds=1))
        pos.expire_due()
    assert used() == 0
    assert ask(owner, coupon_code="TEN").discount == 1_000


def test_a_full_refund_gives_the_coupon_back_and_a_part_does_not(people):
    owner = people.client()
    merchant = shop(owner)
    coupon()
    payment = take(owner, coupon_code="TEN")
    for part, left, borne in ((3_000, 1, -667), (2_999, 1, -334), (3_001, 0, 0)):
        pos_refunds.refund(user=owner, payment_id=payment.id, amount=part)
        assert (used(), ledger.balance("promotions")) == (left, borne)
    assert (receivable(merchant), Payment.get(payment.id).status) == (0, Status.REFUNDED)
    assert breaks() == []


def test_a_coupon_for_everything_costs_the_payer_nothing(people):
    owner, customer = people.client(), people.client()
    merchant = shop(owner)
    coupon(value=10_000)
    payment = ask(owner, coupon_code="TEN")
    assert pos.pay(user=customer, payment_id=payment.id).final_amount == 0
    assert (receivable(merchant), ledger.balance("promotions")) == (10_000, -10_000)
    assert breaks() == []

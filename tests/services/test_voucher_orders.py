"""Buying vouchers from the wallet: paid, handed out and booked in one go, or not at all."""
from datetime import timedelta

import pytest

from documents.errors import Invalid
from documents.events import Event
from documents.payments import Payment
from documents.vouchers import Voucher
from services import ledger, voucher_issue, voucher_orders, voucher_types, wallets
from services.coupon_refusals import CouponNotApplicable
from services.ledger import InsufficientFunds
from tests.couponing import coupon
from tests.parallel import breaks
from tests.queries import counted
from tests.vouchering import buy, voucher_type


def balance(user) -> int:
    return wallets.wallet_of(user.id).balance


def test_the_wallet_pays_and_vouchers_are_handed_out(people, fund):
    user, type_ = people.client(), voucher_type(1_000, usage_limit=3, validity_days=7)
    fund(user, "100.00")
    bought = voucher_orders.purchase(user=user, voucher_type_id=type_.id, quantity=3)
    assert (balance(user), ledger.balance("sales")) == (7_000, 3_000)
    payment = Payment.get(bought.payment.id)
    assert (payment.status, payment.captured, payment.purpose["quantity"]) == ("SUCCESS", 3_000, 3)
    rows = Voucher.collection().find({}).sort("number").to_list()
    assert [row["_id"] for row in rows] == [row["_id"] for row in bought.vouchers]
    assert [(row["owner"], row["paid"], row["uses_left"], row["type"]["name"]) for row in rows] == [
        (user.id, 1_000, 3, type_.name)] * 3
    assert {row["expires_at"] - row["issued_at"] for row in rows} == {timedelta(days=7)}
    assert len({row["code"] for row in rows}) == 3
    assert {event.type for event in Event.find({"subject": payment.subject})} == {
        "payment.succeeded", "voucher.issued"}
    assert breaks() == []


def test_too_little_money_leaves_nothing(people, fund):
    rich, poor = people.client(), people.client()
    fund(rich, "9.99")
    for user in (rich, poor):
        with pytest.raises(InsufficientFunds):
            buy(user)
    assert (Voucher.collection().count_documents({}), Payment.collection().count_documents({})) == (0, 0)


def test_a_withdrawn_or_unknown_type_is_not_sold(people, fund):
    user, type_ = people.client(), voucher_type()
    fund(user, "100.00")
    voucher_types.withdraw(type_.id)
    for type_id in (type_.id, 999_999):
        with pytest.raises(Invalid):
            voucher_orders.purchase(user=user, voucher_type_id=type_id)


def test_a_coupon_takes_its_discount_off_to_the_minor_unit(people, fund):
    user, type_ = people.client(), voucher_type(1_000)
    fund(user, "100.00")
    made = coupon(discount_value=1_001, applies_to=[f"VOUCHER:{type_.id}"], usage_limit=1)
    bought = voucher_orders.purchase(user=user, voucher_type_id=type_.id, quantity=3, discount_code=made.code.lower())
    assert balance(user) == 10_000 - 1_999
    assert [row["paid"] for row in bought.vouchers] == [666, 666, 667]
    assert (ledger.balance("promotions"), ledger.balance("sales")) == (-1_001, 3_000)
    assert breaks() == []


def test_a_coupon_for_everything_needs_no_wallet(people):
    user, type_ = people.client(), voucher_type(1_000)
    bought = buy(user, type_, discount_code=coupon(discount_value=5_000).code)
    assert bought[0]["paid"] == 0
    assert breaks() == []


def test_bad_discount_codes_refuse_the_purchase(people, fund):
    user, type_ = people.client(), voucher_type()
    fund(user, "100.00")
    with pytest.raises(Invalid) as refused:
        buy(user, type_, discount_code="NOBODYS")
    assert list(refused.value.errors) == ["discount_code"]
    other = coupon(applies_to=["POS", f"VOUCHER:{type_.id + 1}"])
    with pytest.raises(CouponNotApplicable):
        buy(user, type_, discount_code=other.code)
    assert balance(user) == 10_000


def test_ten_cost_no_more_round_trips_than_two(people, fund):
    user, type_ = people.client(), voucher_type()
    fund(user, "1000.00")
    buy(user, type_)
    counts = []
    for quantity in (2, 10):
        with counted() as commands:
            buy(user, type_, quantity)
        counts.append(commands)
    assert counts[0] == counts[1]
    assert len(counts[0]) <= 9


def test_a_voucher_keeps_the_terms_it_was_bought_under(people, fund):
    user, type_ = people.client(), voucher_type(1_000, usage_limit=2)
    fund(user, "100.00")
    bought = buy(user, type_)
    voucher_types.change(type_.id, price=9_000, usage_limit=1, name="Another")
    stored = Voucher.get(bought[0]["_id"])
    assert (stored.type.price, stored.type.usage_limit, stored.type.name) == (1_000, 2, type_.name)


def test_a_payment_hands_out_once(people, fund):
    user = people.client()
    fund(user, "100.00")
    payment = voucher_orders.purchase(user=user, voucher_type_id=voucher_type().id, quantity=2).payment
    with pytest.raises(voucher_issue.Duplicate):
        voucher_issue.issue(payment)
    assert Voucher.collection().count_documents({}) == 2

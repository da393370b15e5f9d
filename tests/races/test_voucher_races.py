"""Vouchers under many hands: paid once, handed out once, used as often as they may be, never both used and refunded."""
import pytest

from documents.payments import Gateway, Kind, Method, Payment
from documents.transactions import atomic
from documents.voucher_usages import VoucherUsage
from documents.vouchers import Voucher
from services import payments, refunds, voucher_gifts, voucher_orders, voucher_redemption, voucher_types, wallets
from services.coupon_refusals import CouponExhausted
from services.ledger import InsufficientFunds
from services.payments import InvalidState
from services.voucher_redemption import VoucherNotValid
from tests.couponing import coupon
from tests.parallel import breaks, together
from tests.vouchering import buy, voucher_type


@pytest.fixture
def owner(people, fund):
    user = people.client()
    fund(user, "1000.00")
    return user


def redeem(user, voucher):
    return voucher_redemption.redeem(user=user, code=voucher["code"])


def of_kind(results: list, kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


def test_200_at_once_redeem_a_voucher_exactly_as_often_as_it_may_be(owner):
    voucher = buy(owner, voucher_type(usage_limit=3))[0]
    results = together(200, lambda _: redeem(owner, voucher))
    assert of_kind(results, voucher_redemption.Redeemed) == 3
    assert of_kind(results, VoucherNotValid) == 197
    assert VoucherUsage.collection().count_documents({}) == 3
    assert breaks() == []


def test_one_of_many_gifts_at_once_wins(people, owner):
    voucher, friends = buy(owner)[0], [people.client() for _ in range(8)]
    results = together(8, lambda n: voucher_gifts.assign(user=owner, code=voucher["code"], phone=friends[n].phone))
    assert of_kind(results, dict) == 1


def test_a_refund_and_a_redemption_at_once_never_both_get_a_voucher(owner):
    for _ in range(10):
        voucher = buy(owner)[0]
        payment = Payment.get(voucher["payment"])
        together(2, lambda n, voucher=voucher, payment=payment: redeem(owner, voucher) if n
                 else refunds.refund_now(payment=payment, amount=None, actor=1))
        stored = Voucher.get(voucher["_id"])
        assert (stored.usage_count == 1) != (stored.cancelled_at is not None)
    assert breaks() == []


def test_a_wallet_buys_as_many_as_it_can_pay(people, fund):
    user, type_ = people.client(), voucher_type(1_000)
    fund(user, "59.99")
    results = together(20, lambda _: buy(user, type_))
    assert (of_kind(results, list), of_kind(results, InsufficientFunds)) == (5, 15)
    assert wallets.wallet_of(user.id).balance == 999
    assert Voucher.collection().count_documents({}) == 5
    assert breaks() == []


def test_the_last_use_of_a_coupon_has_one_buyer(owner):
    type_, code = voucher_type(1_000), coupon(usage_limit=1).code
    results = together(10, lambda _: buy(owner, type_, discount_code=code))
    assert (of_kind(results, list), of_kind(results, CouponExhausted)) == (1, 9)
    assert breaks() == []


def test_the_same_key_at_once_buys_once(owner, as_user):
    body = {"voucher_type_id": voucher_type(1_000).id}
    clients = [as_user(owner) for _ in range(8)]
    for client in clients:
        client.get("/livez")

    def ask(number: int) -> int:
        return clients[number].post("/api/vouchers/purchase/", json=body,
                                    headers={"Idempotency-Key": "one"}).status_code

    assert set(together(8, ask)) <= {201, 409}
    assert ask(0) == 201
    assert Voucher.collection().count_documents({}) == 1
    assert wallets.wallet_of(owner.id).balance == 99_000


@atomic
def card_payment(user) -> Payment:
    """An order that waits for its card payment, with a coupon held for it."""
    payment = voucher_orders.draft(user=user, kind=Kind.CARD, voucher_type_id=voucher_type(1_000).id, quantity=3,
                                   discount_code=coupon().code, hold=True).payment
    payment.gateway = Gateway(name="simulated", intent=payment.id)
    return payment.create()


def test_a_card_payment_confirmed_from_everywhere_hands_out_once(owner):
    payment = card_payment(owner)
    results = together(9, lambda _: payments.succeed(payment.id, method=Method.CARD))
    assert (of_kind(results, Payment), of_kind(results, InvalidState)) == (1, 8)
    rows = Voucher.collection().find({"payment": payment.id}).to_list()
    assert sorted(row["paid"] for row in rows) == [666, 667, 667]
    assert {row["owner"] for row in rows} == {owner.id}
    assert breaks() == []


def test_a_card_payment_that_came_late_is_handed_out_though_the_type_is_gone(owner):
    payment = card_payment(owner)
    payments.fail(payment.id)
    voucher_types.withdraw(payment.purpose["voucher_type"])
    assert Voucher.find_one({}) is None
    payments.succeed(payment.id, method=Method.CARD, late=True)
    assert Voucher.collection().count_documents({}) == 3
    assert breaks() == []

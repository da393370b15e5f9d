"""Coupons on recharges and instalment purchases: taken with the money, used for good with the goods, or given back."""
import pytest

from documents.coupons import Coupon
from documents.purchases import Purchase
from documents.recharges import Recharge
from documents.redemptions import Redemption
from services import ledger, recharge_janitor, recharges, wallets
from services.coupon_refusals import CouponExhausted, CouponInactive, CouponNotApplicable
from services.gateways.operators import simulated
from services.gateways.operators.base import Outcome, State
from services.recharge_books import LOSSES, OPERATOR
from tests.buying import buy, product
from tests.catalogue import PHONE, give_margin, plan
from tests.couponing import coupon
from tests.parallel import breaks

SUCCESS = Outcome(State.SUCCESS, operator_ref="OP-1")


@pytest.fixture
def retailer(people, fund):
    retailer = people.retailer()
    fund(retailer, "1000.00")
    return retailer


def recharge(user, article, code, **more) -> Recharge:
    return recharges.purchase(user=user, plan_id=article.id, phone_number=PHONE, payment_method="wallet",
                              coupon_code=code, **more).recharge


def balance(user) -> int:
    return wallets.wallet_of(user.id).balance


def used(made: Coupon) -> int:
    return Coupon.get(made.id).used_count


class TestRecharges:
    def test_the_house_pays_the_discount(self, retailer):
        give_margin(retailer, 1_000)
        made = coupon(discount_type="percent", discount_value=5_000, usage_limit=1)
        bought = recharge(retailer, plan("100.00"), made.code)
        attempt = bought.last_attempt
        assert (attempt.net, attempt.discount, attempt.coupon) == (9_000, 4_500, made.code)
        assert (balance(retailer), ledger.balance("promotions"), ledger.balance(OPERATOR)) == (95_500, -4_500, 9_000)
        assert (used(made), Redemption.find_one({}).status) == (1, "CONFIRMED")
        assert breaks() == []

    def test_it_can_be_free(self, people):
        nobody = people.client()
        made = coupon(discount_value=1_000_000)
        bought = recharge(nobody, plan("100.00"), made.code)
        assert (bought.payment_status, bought.last_attempt.discount) == ("success", 10_000)
        assert breaks() == []

    def test_a_failure_gives_money_and_coupon_back_and_a_retry_takes_both_again(self, retailer):
        simulated.tell("fail", times=1)
        made = coupon(usage_limit=1)
        failed = recharge(retailer, plan("100.00"), made.code)
        assert (failed.payment_status, balance(retailer), used(made)) == ("failed", 100_000, 0)
        assert breaks() == []
        again = recharges.retry(user=retailer, recharge_id=failed.id).recharge
        assert (again.payment_status, balance(retailer), used(made)) == ("success", 91_000, 1)
        assert breaks() == []

    def test_a_retry_does_not_lose_its_price_silently(self, retailer):
        simulated.tell("fail", times=1)
        made = coupon(usage_limit=1)
        failed = recharge(retailer, plan("100.00"), made.code)
        Coupon.change({"_id": made.id}, {"$set": {"is_active": False}})
        with pytest.raises(CouponInactive):
            recharges.retry(user=retailer, recharge_id=failed.id)
        assert (len(Recharge.get(failed.id).attempts), balance(retailer)) == (1, 100_000)

    def test_too_little_money_uses_nothing(self, people):
        made = coupon(usage_limit=1)
        refused = recharge(people.client(), plan("100.00"), made.code)
        assert (refused.code, refused.last_attempt.discount, used(made)) == ("INSUFFICIENT_FUNDS", None, 0)
        assert breaks() == []

    def test_a_refused_code_buys_nothing(self, retailer):
        article, made = plan("100.00"), coupon(applies_to=["RECHARGE:999"])
        with pytest.raises(CouponNotApplicable):
            recharge(retailer, article, made.code)
        assert (Recharge.find_one({}), balance(retailer)) == (None, 100_000)

    @pytest.mark.parametrize(("used_up", "status", "paid", "lost"), [(False, "late", 9_000, 0),
                                                                      (True, "lost", 0, -10_000)])
    def test_a_late_delivery_takes_the_coupon_again_or_is_the_houses_loss(self, people, retailer, used_up, status, paid,
                                                                         lost):
        simulated.tell("late", times=1)
        made = coupon(usage_limit=1)
        failed = recharge(retailer, plan("100.00"), made.code)
        other = people.retailer()
        people.fund(other, 9_000)
        if used_up:
            recharge(other, plan("100.00", identifier="OTHER"), made.code)
        settled = recharge_janitor.record_answer(reference=f"{failed.transaction_id}-1", outcome=SUCCESS)
        assert settled.last_attempt.status == status
        assert (balance(retailer), ledger.balance(LOSSES), used(made)) == (100_000 - paid, lost, 1)
        assert breaks() == []

    def test_a_repeat_under_its_key_uses_it_once(self, retailer):
        article, made = plan("100.00"), coupon()
        for _ in range(3):
            recharge(retailer, article, made.code, key="once")
        assert (used(made), balance(retailer)) == (1, 91_000)


class TestPurchases:
    def test_the_coupon_lowers_the_price_and_every_instalment(self, people):
        made, buyer = coupon(discount_type="percent", discount_value=1_000, usage_limit=1), people.admin()
        bought = buy(buyer, "1000.00", "300.00", 3, coupon_code=made.code.lower())
        assert (bought.total_price, bought.discount, bought.coupon_code) == (90_000, 10_000, made.code)
        assert [part.amount for part in bought.installments] == [30_000, 30_000, 30_000]
        assert used(made) == 1
        assert breaks() == []
        with pytest.raises(CouponExhausted):
            buy(buyer, "1000.00", "300.00", 3, coupon_code=made.code)
        assert Purchase.collection().count_documents({}) == 1

    def test_over_http(self, people, as_user):
        made = coupon(applies_to=["PRODUCT"])
        client = as_user(people.admin())
        answered = client.post("/api/purchases/create/", json={
            "product": product("100.00").id, "first_installment_amount": "90.00", "installment_count": 1,
            "coupon_code": made.code, "method": "cash"})
        assert (answered.status_code, answered.json["total_price"]) == (201, "90.00")
        shown = client.get(f"/api/purchases/{answered.json['id']}/").json
        assert (shown["discount"], shown["coupon_code"]) == ("10.00", made.code)

    def test_recharge_over_http(self, retailer, as_user):
        made = coupon(applies_to=["RECHARGE"])
        answered = as_user(retailer).post("/api/purchases/purchase/", json={
            "plan_id": plan("100.00").id, "phone_number": PHONE, "payment_method": "wallet", "coupon_code": made.code})
        assert answered.json["purchase"]["coupon"] == {"code": made.code, "discount": "10.00"}

"""Coupons under many hands: limits, budgets and holds give exactly what they have."""
import pytest

from documents.coupons import Coupon
from documents.redemptions import Redemption
from services import coupons
from services.coupon_refusals import CouponBudgetExhausted, CouponExhausted, CouponUsedByCustomer
from tests.couponing import coupon, order
from tests.parallel import together


def of_kind(results: list, kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_500_at_once_use_a_coupon_exactly_as_often_as_it_may_be(app, limit):
    made = coupon(usage_limit=limit)
    results = together(500, lambda n: coupons.redeem(code=made.code, order=order(), subject=f"test:{n}"))
    assert (of_kind(results, Redemption), of_kind(results, CouponExhausted)) == (limit, 500 - limit)
    stored = Coupon.get(made.id)
    assert (stored.used_count, stored.spent) == (limit, limit * 1000)
    assert Redemption.collection().count_documents({"live": True}) == limit


def test_one_person_uses_a_coupon_once_however_often_at_once(people):
    made = coupon(per_customer_limit=1)
    user = people.client()
    ways = [{"user": user}, {"phone": user.phone}]
    results = together(50, lambda n: coupons.redeem(code=made.code, order=order(**ways[n % 2]), subject=f"test:{n}"))
    assert (of_kind(results, Redemption), of_kind(results, CouponUsedByCustomer)) == (1, 49)
    assert Coupon.get(made.id).used_count == 1


def test_a_budget_is_never_exceeded(app):
    made = coupon(discount_type="percent", discount_value=1000, budget=10_000)
    amounts = [1_000 * (n % 9 + 1) for n in range(100)]
    results = together(100, lambda n: coupons.redeem(code=made.code, order=order(amounts[n]), subject=f"test:{n}"))
    given = [result.discount for result in results if isinstance(result, Redemption)]
    assert len(given) + of_kind(results, CouponBudgetExhausted) + of_kind(results, CouponExhausted) == 100
    left = 10_000 - sum(given)
    assert Coupon.get(made.id).spent == sum(given)
    assert 0 <= left < max(amounts) // 10

"""Coupons under many hands: limits, budgets and holds give exactly what they have."""
import threading
from collections.abc import Callable

import pytest

from documents import clock
from documents.coupons import Coupon
from documents.errors import Unavailable
from documents.events import Event
from documents.redemptions import Redemption
from services import coupon_batches, coupon_offers, coupon_qr, coupons
from services.coupon_refusals import CouponBudgetExhausted, CouponExhausted, CouponUsedByCustomer, CustomerNotNew
from tests.couponing import coupon, order
from tests.parallel import breaks, together


def of_kind(results: list, kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


def insisting(redeem: Callable[[], Redemption]) -> Redemption:
    """Ask again after a 503, as clients do: on a busy machine the last of 500 wait longer than a request may."""
    while True:
        try:
            return redeem()
        except Unavailable:
            continue


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_500_at_once_use_a_coupon_exactly_as_often_as_it_may_be(app, limit):
    made = coupon(usage_limit=limit)
    results = together(500, lambda n: insisting(
        lambda: coupons.redeem(code=made.code, order=order(), subject=f"test:{n}")))
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


def test_a_merchants_counters_for_new_customers_count_each_person_once(people):
    made, user = [coupon(audience="new_customers") for _ in range(4)], people.client()
    results = together(20, lambda n: coupons.redeem(
        code=made[n % 4].code, order=order(user=user), subject=f"test:{n}"))
    assert (of_kind(results, Redemption), of_kind(results, CustomerNotNew)) == (1, 19)
    assert breaks() == []


def test_a_hold_ends_one_way(app, monkeypatch):
    """The sweeper and the payer meet at the very moment at which the hold runs out, each with its own clock."""
    for number in range(20):
        made, subject = coupon(usage_limit=1), f"test:{number}"
        coupons.hold(code=made.code, order=order(), subject=subject)
        end, real = Redemption.of(subject).expires_at, clock.now
        local = threading.local()
        monkeypatch.setattr(clock, "now", lambda local=local, real=real: getattr(local, "moment", None) or real())

        def meet(n, end=end, subject=subject, local=local):
            local.moment = end - clock.timedelta(milliseconds=5) if n % 2 else end
            return coupons.confirm(subject=subject) if n % 2 else coupons.release_expired()

        results = together(8, meet)
        monkeypatch.setattr(clock, "now", real)
        confirmed, released = results[1::2], sum(results[0::2])
        assert (of_kind(confirmed, Redemption), released) in ((4, 0), (0, 1))
        assert Redemption.find_one({"subject": subject}).status == ("RELEASED" if released else "CONFIRMED")
        assert Coupon.get(made.id).used_count == (0 if released else 1)
    assert breaks() == []


def test_a_use_is_given_back_once(app):
    made = coupon(usage_limit=5)
    for number in range(2):
        coupons.redeem(code=made.code, order=order(), subject=f"test:{number}")
    results = together(16, lambda n: coupons.release(subject=f"test:{n % 2}"))
    assert of_kind(results, Redemption) == 2
    assert Coupon.get(made.id).used_count == 0
    assert breaks() == []


def test_a_token_is_good_for_one_scan(people):
    admin = people.admin()
    token = coupon_qr.token(actor=admin, coupon_id=coupon().id).text
    results = together(20, lambda _n: coupon_qr.scan(actor=admin, text=token))
    assert (of_kind(results, coupon_qr.Scanned), of_kind(results, coupon_qr.QrUsed)) == (1, 19)


def test_assigning_at_once_assigns_once(people):
    admin, made = people.admin(), coupon()
    results = together(12, lambda _n: coupon_offers.assign(actor=admin, code=made.code, phone="+919812345678"))
    assert sorted(results) == [False] * 11 + [True]


def test_workers_that_overtake_each_other_make_no_code_twice(people, monkeypatch):
    monkeypatch.setattr(coupon_batches, "LEASE", clock.timedelta(0))     # everybody believes the others dead
    monkeypatch.setattr(coupon_batches, "PORTION", 50)
    batch = coupon_batches.order(actor=people.admin(), count=400, discount_type="flat", discount_value=500,
                                 expiry_date=clock.now() + clock.timedelta(days=30))
    together(4, lambda _n: coupon_batches.make_due())
    coupon_batches.make_due()
    numbers = [row["number"] for row in Coupon.collection().find({"batch": batch.id}, {"number": 1})]
    assert sorted(numbers) == list(range(1, 401))
    assert len(Event.collection().distinct("_id", {"type": "coupon.batch_made"})) == 1

"""What a coupon takes off, for any terms and any order."""
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from documents.coupons import Coupon, DiscountType
from documents.money import MAX_AMOUNT

AMOUNTS = st.integers(0, MAX_AMOUNT)
CAPS = st.none() | st.integers(1, MAX_AMOUNT)


def percent(value, cap=None):
    return Coupon(discount_type=DiscountType.PERCENT, discount_value=value, max_discount_amount=cap)


@given(st.sampled_from(DiscountType), st.integers(1, 10_000), CAPS, AMOUNTS)
def test_never_above_the_order_or_the_cap_and_never_below_nothing(kind, value, cap, amount):
    discount = Coupon(discount_type=kind, discount_value=value, max_discount_amount=cap).discount_on(amount)
    assert 0 <= discount <= amount
    assert cap is None or discount <= cap


@given(st.integers(1, 10_000), AMOUNTS)
def test_a_percentage_is_rounded_half_up(value, amount):
    exact = Fraction(amount * value, 10_000)
    assert percent(value).discount_on(amount) == (2 * exact + 1) // 2


@given(st.integers(1, 10_000), CAPS, AMOUNTS, st.integers(0, 10_000))
def test_a_larger_order_never_gets_less_nor_pays_less(value, cap, amount, more):
    coupon = percent(value, cap)
    small, large = coupon.discount_on(amount), coupon.discount_on(amount + more)
    assert small <= large
    assert amount - small <= amount + more - large


@given(st.integers(1, MAX_AMOUNT), AMOUNTS)
def test_a_flat_discount_is_itself_or_the_whole_order(value, amount):
    assert Coupon(discount_type=DiscountType.FLAT, discount_value=value).discount_on(amount) == min(value, amount)


def test_the_contracts_examples():
    assert percent(3333).discount_on(5_000) == 1_667      # 33.33 % of 50.00: 16.665 is 16.67
    assert percent(1000).discount_on(5) == 1              # 10 % of 0.05: half a minor unit is one
    assert percent(10_000).discount_on(1) == 1

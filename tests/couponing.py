"""Short ways to coupons and orders for tests."""
from datetime import timedelta
from typing import Any

from documents import clock
from documents.coupons import Coupon
from documents.ids import next_id
from services.coupons import Order


def coupon(**terms: Any) -> Coupon:
    """A house coupon of 10.00 off anything, without limits unless told otherwise; amounts in minor units."""
    now, number = clock.now(), next_id("coupons")
    return Coupon(**{
        "id": number, "code": f"CODE{number}", "discount_type": "flat", "discount_value": 1000, "audience": "all",
        "start_date": now - timedelta(minutes=1), "expiry_date": now + timedelta(days=30), "created_by": 1,
        "applies_to": ["POS", "VOUCHER", "PRODUCT", "RECHARGE"], "created_at": now, "updated_at": now,
        **terms}).create()


def order(amount: int | None = 10_000, **more: Any) -> Order:
    return Order(amount=amount, **more)

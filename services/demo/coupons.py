"""Coupons of the demo business: the house's and two shops', some in people's hands, some used, a batch of codes."""
from datetime import timedelta
from typing import Any

from documents import clock
from documents.coupons import Coupon
from documents.transactions import atomic
from documents.users import User
from services import coupon_batches, coupon_desk, coupon_offers, coupon_terms

COUPONS: list[tuple[str, str, int, dict[str, Any]]] = [
    ("admin", "WELCOME10", 60, {"discount_type": "percent", "discount_value": 1_000, "max_discount_amount": 10_000,
                                "audience": "new_customers", "usage_limit": None, "budget": 500_000}),
    ("admin", "RECHARGE20", 30, {"discount_type": "flat", "discount_value": 2_000, "min_order_amount": 10_000,
                                 "applies_to": ["RECHARGE"], "usage_limit": 500, "per_customer_limit": 1}),
    ("anna", "ANNA50", 30, {"discount_type": "flat", "discount_value": 5_000, "min_order_amount": 20_000,
                            "usage_limit": 100, "per_customer_limit": 2}),
    ("anna", "TODAY15", 1, {"discount_type": "percent", "discount_value": 1_500, "max_discount_amount": 7_500,
                            "audience": "assigned", "usage_limit": 50}),
    ("bilal", "BILAL5", 90, {"discount_type": "percent", "discount_value": 500, "usage_limit": None}),
]
"""Who made it, its code, for how many days it is valid, its terms."""
ASSIGNED = [("anna", "ANNA50", "farid"), ("anna", "TODAY15", "farid"), ("anna", "TODAY15", "gita"),
            ("bilal", "BILAL5", "gita")]
"""Who gave which coupon to whom."""


@atomic
def load(known: dict[str, User]) -> None:
    """Make everything once: whoever has changed the coupons since finds them as they were left."""
    if Coupon.find_one({"code": COUPONS[0][1]}) is not None:
        return
    now = clock.now()
    for maker, code, days, terms in COUPONS:
        coupon_terms.create(actor=known[maker], code=code, expiry_date=now + timedelta(days=days), **terms)
    for maker, code, holder in ASSIGNED:
        coupon_offers.assign(actor=known[maker], code=code, phone=known[holder].phone)
    coupon_desk.apply(actor=known["anna"], code="ANNA50", order_amount=32_000, phone=known["gita"].phone)
    coupon_desk.apply(actor=known["bilal"], code="BILAL5", order_amount=15_990)
    coupon_batches.order(actor=known["admin"], count=200, prefix="DIWALI-", discount_type="flat", discount_value=2_500,
                         expiry_date=now + timedelta(days=45))

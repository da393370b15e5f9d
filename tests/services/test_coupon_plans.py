"""What coupons ask of MongoDB: indexes for everything that grows, and a number of commands that does not."""
from datetime import timedelta

import pytest

from aggregations.coupons import assigned_to
from config import connections
from documents import clock
from documents.coupon_assignments import CouponAssignment
from documents.coupons import Coupon
from documents.redemptions import Redemption
from services import coupons
from services.coupon_batches import _missing
from tests.couponing import coupon, order
from tests.queries import counted

NOW = clock.now()


@pytest.mark.parametrize(("collection", "match", "sort"), [
    (Coupon, {"code": "X"}, {}),
    (Coupon, {"batch": "x", "number": {"$gte": 1, "$lte": 9}}, {"number": 1}),
    (Coupon, {"$and": [{"merchant": 3}, {"batch": {"$exists": False}}]}, {"_id": 1}),
    (Redemption, {"subject": "payment:x", "live": True}, {}),
    (Redemption, {"subject": "payment:x", "status": "RELEASED"}, {"created_at": -1}),
    (Redemption, {"coupon": 7}, {"created_at": -1, "_id": -1}),
    (Redemption, {"coupon": 7, "status": "HELD", "expires_at": {"$lte": NOW}}, {"expires_at": 1}),
    (Redemption, {"status": "HELD", "expires_at": {"$lte": NOW}}, {"expires_at": 1})])
def test_no_query_reads_everything(app, collection, match, sort):
    plan = collection.collection().find(match, sort=list(sort.items()) or None).explain()["queryPlanner"]["winningPlan"]
    assert "COLLSCAN" not in str(plan)
    assert "IXSCAN" in str(plan)


def test_offers_are_one_indexed_round_trip(app):
    made = coupon()
    CouponAssignment(id=f"{made.id}:+91", coupon=made.id, phone="+91", created_by=1, created_at=NOW).create()
    pipeline = assigned_to("+91", {}, clock.now(), 10)
    assert [row["_id"] for row in CouponAssignment.collection().aggregate(pipeline)] == [made.id]
    plan = connections.database().command(
        "explain", {"aggregate": CouponAssignment.collection().name, "pipeline": pipeline, "cursor": {}},
        verbosity="executionStats")
    assert "COLLSCAN" not in str(plan)


@pytest.mark.parametrize(("terms", "most"), [({}, 6), ({"per_customer_limit": 3}, 11)])
def test_a_use_costs_few_commands(people, terms, most):
    made, user = coupon(**terms), people.client()
    coupons.redeem(code=made.code, order=order(user=user), subject="test:0")
    with counted() as names:
        coupons.redeem(code=made.code, order=order(user=user), subject="test:1")
    assert len(names) <= most, names


def test_missing_numbers_are_looked_up_in_the_index(app):
    coupon(batch="b", number=2, expiry_date=NOW + timedelta(days=1))
    assert _missing("b", range(1, 4)) == [1, 3]

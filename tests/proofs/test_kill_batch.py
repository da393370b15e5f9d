"""SIGKILL while codes are made in bulk: whoever resumes makes exactly as many as were ordered."""
from collections.abc import Iterator
from datetime import timedelta

import pytest
from bson import Binary

from config import connections
from documents import clock
from documents.coupon_batches import CouponBatch
from documents.coupons import Coupon
from services import coupon_batches
from tests.proofs.killing import Nursery

COUNT = 1_200
PLACES = [
    "before services.coupon_batches:_missing 1",
    "after services.coupon_batches:_row 1100",
    "before services.coupon_batches:_missing 3",
    "before documents.coupon_batches:CouponBatch.progress 1",
    "after documents.coupon_batches:CouponBatch.progress 2",
    "before documents.coupon_batches:CouponBatch.finish 1",
    "after documents.coupon_batches:CouponBatch.finish 1",
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def order(people) -> CouponBatch:
    return coupon_batches.order(
        actor=people.admin(), count=COUNT, discount_type="flat", discount_value=500,
        expiry_date=clock.now() + timedelta(days=30))


def assert_exact(batch: CouponBatch) -> None:
    rows = Coupon.collection().find({"batch": batch.id}, {"number": 1, "code": 1}).to_list()
    assert sorted(row["number"] for row in rows) == list(range(1, COUNT + 1))
    assert len({row["code"] for row in rows}) == COUNT
    stored = CouponBatch.get(batch.id)
    assert (stored.status, stored.done, stored.lease_until) == ("done", COUNT, None)


@pytest.mark.parametrize("die", PLACES)
def test_killed_and_resumed(nursery, settings, people, move_clock, die):
    batch = order(people)
    session = nursery.run("tests.proofs.tasks:work", die=die, job="batches", settings={
        "APP_ENV": "test", "SECRET_KEY": settings.secret_key, "DATA_DIR": str(settings.data_dir),
        "MONGO_URI": settings.mongo_uri, "REDIS_URL": settings.redis_url, "RATELIMIT_ENABLED": "no"})
    if session:     # not to wait until the server gives up the transaction of a dead client by itself
        connections.database().client.admin.command("killSessions", [{"id": Binary(bytes.fromhex(session), subtype=4)}])
    move_clock(coupon_batches.LEASE + timedelta(seconds=10))
    coupon_batches.make_due()
    assert_exact(batch)
    Coupon.collection().delete_many({})

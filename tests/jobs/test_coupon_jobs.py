"""The jobs about coupons: woken by an order, and found by the clock when nobody woke them."""
from datetime import timedelta

from documents import clock
from documents.coupon_batches import CouponBatch
from documents.coupons import Coupon
from jobs import coupons as jobs
from jobs.queues import REPORTS, queue
from jobs.schedule import SCHEDULE
from services import coupon_batches


def test_an_order_wakes_a_worker_and_running_twice_makes_no_more(people):
    batch = coupon_batches.order(actor=people.admin(), count=7, discount_type="flat", discount_value=500,
                                 expiry_date=clock.now() + timedelta(days=30))
    assert "jobs.coupons.make_batches" in {job.func_name for job in queue(REPORTS).jobs}
    for _ in range(2):
        jobs.make_batches()
    assert Coupon.collection().count_documents({"batch": batch.id}) == CouponBatch.get(batch.id).done == 7


def test_the_clock_knows_both_jobs():
    assert {"jobs.coupons.make_batches", "jobs.coupons.release_expired"} <= {row.function for row in SCHEDULE}

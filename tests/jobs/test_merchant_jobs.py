"""The jobs around tills and settlements."""
from datetime import timedelta

import jobs.payments
import jobs.settlements
from documents.merchant_days import MerchantDay
from documents.payments import Payment, Status
from documents.settlements import Settlement
from jobs.schedule import SCHEDULE
from tests.parallel import breaks, together
from tests.shops import ask, shop, take


def test_every_job_is_on_the_schedule_and_safe_to_run_on_nothing(app):
    scheduled = {row.function for row in SCHEDULE}
    for job in (jobs.payments.expire, jobs.settlements.close_cycles, jobs.settlements.roll_up):
        assert f"{job.__module__}.{job.__name__}" in scheduled
        job()


def test_after_three_days_off_everything_is_caught_up_with_once(people, move_clock):
    owner = people.client()
    shop(owner)
    waiting = ask(owner)
    for day in range(3):
        move_clock(timedelta(days=day))
        take(owner, "10.00")
    move_clock(timedelta(days=4))
    for job in (jobs.payments.expire, jobs.settlements.close_cycles, jobs.settlements.roll_up):
        assert [result for result in together(4, lambda _n, run=job: run()) if result is not None] == []
    assert Payment.get(waiting.id).status == Status.EXPIRED
    assert [row.amount for row in Settlement.find({})] == [3_000]
    assert MerchantDay.collection().count_documents({}) == 3
    assert breaks() == []

"""Making codes in bulk, and giving back what was held too long."""
from jobs.runtime import task
from services import coupon_batches, coupons


@task
def make_batches() -> None:
    """Work on every unfinished batch of codes."""
    coupon_batches.make_due()


@task
def release_expired() -> None:
    """Give back the holds that ran out."""
    while coupons.release_expired() == coupons.BATCH:
        pass

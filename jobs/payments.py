"""Payments at the till that nobody paid."""
from jobs.runtime import task
from services import pos


@task
def expire() -> None:
    """End every unpaid payment whose time is over."""
    pos.expire_due()

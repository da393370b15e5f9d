"""Settling merchants by the clock, and the rollups behind their figures."""
from jobs.runtime import task
from services import merchant_reports, settlement_cycles


@task
def close_cycles() -> None:
    """Settle every merchant whose cycle is over."""
    settlement_cycles.close_due()


@task
def roll_up() -> None:
    """Roll up the days that are over."""
    merchant_reports.roll_up()

"""Recharges that wait for their operator, and commissions that wait for their wallet."""
from jobs.runtime import task
from services import commissions, recharge_janitor, simulated_operator


@task
def follow_up() -> None:
    """Ask operators about what is still pending."""
    recharge_janitor.follow_up_due()


@task
def fold_commissions() -> None:
    """Move what distributors earned into their wallets."""
    commissions.fold_all()


@task
def hear_simulator() -> None:
    """Hear what a simulated operator tells by itself, in place of its callbacks."""
    simulated_operator.hear()

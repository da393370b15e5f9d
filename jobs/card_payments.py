"""Payments, refunds and webhooks of gateways that wait."""
from jobs.runtime import task
from services import card_janitor, card_refunds, gateway_events, simulated_cards


@task
def follow_up() -> None:
    """Ask gateways about payments and refunds that are still open."""
    card_janitor.follow_up_due()
    card_refunds.follow_up_due()


@task
def retry_events() -> None:
    """Apply the webhooks that could not be applied when they came."""
    gateway_events.retry_due()


@task
def hear_simulator() -> None:
    """Hear what a simulated gateway tells by itself, in place of its webhooks."""
    simulated_cards.hear()

"""Telling the simulated card gateway how to behave, and hearing its webhooks as if they came over HTTP."""
from documents.errors import Conflict
from services import gateway_events
from services.gateways.payments import simulated
from services.gateways.payments.choice import GatewayNotConfigured, cards
from services.gateways.payments.simulated import BEHAVIOURS, REFUND_BEHAVIOURS, SimulatedGateway
from services.gateways.payments.stripe_events import HEADER, sign

CHOICES = (*BEHAVIOURS, *REFUND_BEHAVIOURS)


def tell(behaviour: str, *, times: int | None = None) -> None:
    """Behave so for the next `times` payments or refunds. Raises Conflict with a real gateway."""
    _check()
    simulated.tell(behaviour, times=times)


def forget() -> None:
    """Succeed again from now on. Raises Conflict with a real gateway."""
    _check()
    simulated.forget()


def hear() -> int:
    """Take what the simulated gateway announces, signatures included; returns how much there was."""
    if not _is_simulated():
        return 0
    heard = 0
    for body in simulated.announcements():
        gateway_events.ingest(SimulatedGateway.name, body, {HEADER: sign(body, simulated.WEBHOOK_SECRET)})
        heard += 1
    return heard


def _is_simulated() -> bool:
    try:
        return cards().name == SimulatedGateway.name
    except GatewayNotConfigured:
        return False


def _check() -> None:
    if not _is_simulated():
        raise Conflict("This installation has a real card gateway: leave STRIPE_SECRET_KEY out to simulate one.")

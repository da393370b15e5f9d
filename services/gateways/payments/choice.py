"""Which payment gateways this installation talks to: the real ones with keys, simulated ones without."""
import functools
from typing import TypeVar

from config import settings
from config.settings import Settings
from documents.errors import Conflict
from services.gateways.payments.base import CardGateway, Gateway
from services.gateways.payments.razorpay import RazorpayGateway
from services.gateways.payments.simulated import SimulatedGateway
from services.gateways.payments.simulated_topups import SimulatedTopups
from services.gateways.payments.stripe import StripeGateway

S = TypeVar("S", SimulatedGateway, SimulatedTopups)
NAMES = tuple(gateway.name for gateway in (StripeGateway, RazorpayGateway, SimulatedGateway, SimulatedTopups))
"""Every gateway that money may have come through, whichever are in use now."""


class GatewayNotConfigured(Conflict):
    """Without keys there is nobody to ask: production takes no simulated money."""

    code = "gateway_not_configured"
    detail = "This way of paying is not offered here."


def cards() -> CardGateway:
    """The gateway that takes cards. Raises GatewayNotConfigured in production without keys."""
    current = settings.current()
    return _stripe(current) if current.stripe_secret_key else _simulated(SimulatedGateway())


def topups() -> RazorpayGateway | SimulatedTopups:
    """The gateway that tops wallets up. Raises GatewayNotConfigured in production without keys."""
    current = settings.current()
    return _razorpay(current) if current.razorpay_key_id else _simulated(SimulatedTopups())


def named(name: str) -> Gateway:
    """The gateway of this name, whichever is used for new payments. Raises GatewayNotConfigured without its keys."""
    current = settings.current()
    if name == RazorpayGateway.name and current.razorpay_key_id:
        return _razorpay(current)
    if name == SimulatedTopups.name:
        return _simulated(SimulatedTopups())
    return cards_of(name)


def cards_of(name: str) -> CardGateway:
    """The card gateway of this name. Raises GatewayNotConfigured without its keys."""
    current = settings.current()
    if name == StripeGateway.name and current.stripe_secret_key:
        return _stripe(current)
    if name == SimulatedGateway.name:
        return _simulated(SimulatedGateway())
    raise GatewayNotConfigured


def _simulated(gateway: S) -> S:
    if settings.current().production:
        raise GatewayNotConfigured
    return gateway


@functools.cache
def _stripe(current: Settings) -> StripeGateway:
    return StripeGateway(
        secret_key=current.stripe_secret_key, webhook_secret=current.stripe_webhook_secret,
        api_base=current.stripe_api_base, timeout_seconds=current.gateway_timeout_seconds)


@functools.cache
def _razorpay(current: Settings) -> RazorpayGateway:
    return RazorpayGateway(
        key_id=current.razorpay_key_id, key_secret=current.razorpay_key_secret,
        webhook_secret=current.razorpay_webhook_secret, api_base=current.razorpay_api_base,
        timeout_seconds=current.gateway_timeout_seconds)

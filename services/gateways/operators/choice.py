"""Which operator this installation talks to."""
import functools

from config import settings
from services.gateways.operators.base import Operator
from services.gateways.operators.http import HttpOperator
from services.gateways.operators.simulated import SimulatedOperator


def operator() -> Operator:
    """The operator the settings name; its connections are kept for the life of the process."""
    current = settings.current()
    if current.operator_backend == "simulated":
        return SimulatedOperator()
    return _http(current.operator_url, current.operator_secret, current.operator_timeout_seconds)


@functools.cache
def _http(url: str, secret: str, timeout_seconds: int) -> HttpOperator:
    return HttpOperator(url=url, secret=secret, timeout_seconds=timeout_seconds)

"""What operators tell by themselves: whether it is theirs, and what it means."""
from collections.abc import Mapping

from config import settings
from documents import clock
from services.gateways.operators import signatures
from services.gateways.operators.base import Outcome, State
from services.recharge_janitor import record_answer


def is_signed(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the operator signed this body within the last minutes; never while no secret is set."""
    return signatures.authentic(
        settings.current().operator_secret, headers.get(signatures.TIMESTAMP_HEADER, ""),
        headers.get(signatures.SIGNATURE_HEADER, ""), body, clock.now())


def take(*, reference: str, status: str, operator_ref: str | None, code: str | None) -> None:
    """Apply a report. Raises NotFound for a reference that was never submitted."""
    record_answer(reference=reference, outcome=Outcome(State(status), operator_ref=operator_ref, code=code))

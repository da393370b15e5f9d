"""Telling the simulated operator how to behave, and hearing what it has to say by itself."""
from config import settings
from documents.errors import Conflict
from services.gateways.operators import simulated
from services.gateways.operators.simulated import BEHAVIOURS
from services.recharge_janitor import record_answer

CHOICES = tuple(BEHAVIOURS)


def tell(behaviour: str, *, phone_number: str | None = None, times: int | None = None) -> None:
    """Behave so for the next `times` submissions, of one phone (E.164) or of all.

    Raises Conflict with a real operator.
    """
    _check()
    simulated.tell(behaviour, phone_number=phone_number, times=times)


def forget() -> None:
    """Succeed again from now on. Raises Conflict with a real operator."""
    _check()
    simulated.forget()


def hear() -> int:
    """Apply what the simulated operator announces, as its callbacks would; returns how much there was."""
    if settings.current().operator_backend != "simulated":
        return 0
    return sum(record_answer(reference=reference, outcome=outcome) is not None
               for reference, outcome in simulated.announcements())


def _check() -> None:
    if settings.current().operator_backend != "simulated":
        raise Conflict("This installation talks to a real operator: set OPERATOR_BACKEND=simulated.")

"""What an action of the console is: the shape of one row of the table, and how its fields are read."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from documents import money
from documents.permissions import Permission
from documents.users import User
from services.staff_subjects import Subject


class StillRunning(Exception):
    """The outside world has not said for good; somebody looks again later."""


class Order(NamedTuple):
    """One action on its way."""

    key: str
    """The id of its line in the audit list; whatever it books is unique by it."""
    subject: Subject
    arguments: dict[str, Any]
    maker: User
    reason: str
    result: dict[str, Any]
    """What its transaction left for the step after it; empty before."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that a form asks for: an amount, or one of `options` (value, text)."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()
    suggested: Callable[[Subject], int] | None = None
    """The amount that stands there at first, in minor units."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action on one kind of subject."""

    name: str
    kind: str
    title: str
    does: str
    """What happens, as the form says it."""
    permission: Permission
    moves: Callable[[Subject, dict[str, Any]], int]
    """How much money moves, in minor units: what the approval threshold is about."""
    run: Callable[[Order], dict[str, Any]]
    """Does it in the surrounding transaction; raising a DomainError refuses it. Returns what it made."""
    fields: tuple[Field, ...] = ()
    asks: Callable[[dict[str, Any]], bool] = lambda _result: False
    """Whether, after `run` has returned this, the outside world has to be asked."""
    outside: Callable[[Order], Any] | None = None
    """Asks it once `run` is committed; safe to repeat. May raise StillRunning."""
    conclude: Callable[[Order, Any], dict[str, Any]] | None = None
    """Applies what `outside` returned, in the transaction that ends the line."""
    dangerous: bool = False
    """It takes something from somebody."""


def read(action: Action, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The arguments that were typed into the fields of `action`, and what is wrong with them."""
    arguments, errors = {}, {}
    for field in action.fields:
        try:
            arguments[field.name] = _read(field, typed.get(field.name, "").strip())
        except ValueError as error:
            errors[field.name] = [str(error)]
    return arguments, errors


def _read(field: Field, text: str) -> int | str:
    if field.options:
        if text not in dict(field.options):
            raise ValueError("Choose one of the two.")
        return text
    amount = money.parse(text)
    if not 0 < amount <= money.MAX_AMOUNT:
        raise ValueError(f"Must be more than zero and at most {money.text(money.MAX_AMOUNT)}.")
    return amount

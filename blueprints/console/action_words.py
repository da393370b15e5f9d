"""How lines of the audit list are told: titles, people, and what changed."""
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from blueprints.console import formats, links
from config import settings
from documents import money
from documents.staff_actions import StaffAction, Status
from documents.users import User
from services import staff_actions
from services.staff_money import ACTIONS

_MONEY = re.compile(r"-?\d+\.\d\d", re.ASCII)


class Row(NamedTuple):
    """One fact, as it was and as it is."""

    name: str
    before: Any
    after: Any
    changed: bool


def title(line: StaffAction) -> str:
    """What was done, in words."""
    action = ACTIONS.get((line.name, line.subject.partition(":")[0]))
    return action.title if action is not None else line.name.replace(".", ": ").replace("_", " ").capitalize()


def outcome(line: StaffAction) -> tuple[str, str]:
    """What to say after an action, and whether it is good news."""
    if line.status == Status.FAILED:
        return f"Refused: {line.refusal}", "error"
    return {
        Status.DONE.value: f"{title(line)}: done.",
        Status.WAITING.value: "Nothing has moved yet: above "
                              f"{money.text(settings.current().approval_threshold)} another member of staff has to "
                              "approve it. It waits under Approvals.",
        Status.RUNNING.value: "Under way: nobody outside has said for good yet. Press Finish to look again.",
        Status.REJECTED.value: "Declined; nothing moved."}[line.status], "success"


def people(line: StaffAction) -> dict[int, str]:
    """The names of whom a line speaks of, by id."""
    ids = [number for number in (line.maker, line.checker, line.user) if number is not None]
    return {user.id: user.full_name or user.login_name for user in User.find({"_id": {"$in": ids}})}


def made(line: StaffAction) -> list[tuple[str, Any]]:
    """What a line has led to, with links to its pages."""
    linked = {"entry": links.entry, "refund": lambda pk: links.record("refunds", pk)}
    return [(name, linked.get(name, formats.plain)(value)) for name, value in line.result.items()]


def facts(known: Mapping[str, Any], unit: str) -> list[tuple[str, Any]]:
    """The facts about a subject, ready to be shown."""
    return [(name, _shown(value, unit)) for name, value in known.items()]


def side_by_side(line: StaffAction) -> list[Row]:
    """Before and after, or, while nothing was done, when it was asked for and now."""
    unit = line.unit or settings.current().currency
    before = line.before
    after = staff_actions.look(line) if line.status in (Status.WAITING, Status.RUNNING) else line.after
    return [Row(name.replace("_", " "), _shown(before.get(name), unit), _shown(after.get(name), unit),
                bool(after) and before.get(name) != after.get(name))
            for name in dict.fromkeys([*before, *after])]


def _shown(value: Any, unit: str) -> str | Markup:
    if isinstance(value, str) and _MONEY.fullmatch(value):
        return formats.amount(money.parse(value), unit)
    return formats.plain(value)

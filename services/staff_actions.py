"""What staff do at the console, each in the audit list; above a threshold a second person has to approve."""
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from config import settings
from documents import clock, money
from documents.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from documents.ids import new_uuid
from documents.permissions import Permission
from documents.staff_actions import StaffAction, Status
from documents.staff_spending import StaffSpending
from documents.transactions import atomic
from documents.users import User
from services import staff_subjects
from services.staff_money import ACTIONS
from services.staff_subjects import Subject
from services.staff_table import Action, Order, StillRunning, read

SHORTEST_REASON, LONGEST_REASON = 3, 500
MOST_WAITING = 5
"""Requests for the same subject that a form tells of."""


class Form(NamedTuple):
    """What the form of an action shows."""

    action: Action
    subject: Subject
    suggested: dict[str, str]
    """What stands in the fields at first."""
    waiting: list[StaffAction]
    """Requests about the same subject that nobody has decided yet."""


class _Refused(Exception):
    """Carries a refusal out of the transaction that was to do it, so that nothing of it is kept."""

    def __init__(self, error: DomainError) -> None:
        self.error = error


def form(*, actor: User, name: str, subject: str) -> Form:
    """What is asked of `actor` for an action. Raises NotFound, Forbidden."""
    found = staff_subjects.find(subject)
    action = _action(name, found.kind, actor)
    suggested = {field.name: money.text(max(0, field.suggested(found))) for field in action.fields if field.suggested}
    live = {"subject": found.name, "status": Status.WAITING.value}
    waiting = [line for line in StaffAction.find(live, sort=[("made_at", -1)], limit=MOST_WAITING)
               if line.shown_status(clock.now()) == Status.WAITING]
    return Form(action, found, suggested, waiting)


def perform(*, maker: User, address: str, name: str, subject: str, typed: Mapping[str, str], reason: str,
            key: str) -> StaffAction:
    """Do an action for a `reason`, once under this `key`; `typed` is what stands in its fields.

    The line it returns is done, waiting above the threshold, running while nobody outside has said for good, or
    failed when somebody outside refused. A repeat returns the line as it is. Raises Invalid naming the fields,
    NotFound, Forbidden, and whatever the service refuses; then nothing is kept.
    """
    line, is_new = _begin(maker, address, name, subject, typed, reason.strip(), key)
    return _go_outside(line) if is_new and line.status == Status.RUNNING else line


def approve(*, checker: User, action_id: str, note: str = "") -> StaffAction:
    """Do what somebody else asked for; the line it returns is done, running or failed.

    Raises Forbidden for one's own request and without the permission, Conflict when it waits no longer or its maker
    is no longer staff.
    """
    try:
        line = _approve(checker, action_id, note.strip())
    except _Refused as refused:
        return _failed(action_id, refused.error, checker=checker.id, checked_at=clock.now(), note=note.strip())
    return _go_outside(line) if line.status == Status.RUNNING else line


def reject(*, checker: User, action_id: str, note: str) -> StaffAction:
    """Decline somebody else's request with a note. Raises Invalid, Forbidden, Conflict when it waits no longer."""
    line, note = _checkable(checker, action_id), note.strip()
    if problem := _problem_with(note):
        raise Invalid.field("note", problem)
    return StaffAction.reject(line.id, checker=checker.id, note=note, now=clock.now()) or _decided()


def withdraw(*, maker: User, action_id: str) -> StaffAction:
    """Take one's own request back. Raises NotFound for somebody else's, Conflict when it waits no longer."""
    StaffAction.get(action_id, maker=maker.id)
    return StaffAction.withdraw(action_id, maker=maker.id, now=clock.now()) or _decided()


def finish(*, actor: User, action_id: str) -> StaffAction:
    """Carry on what somebody left running: ask outside again, end the line. A line that has ended stays as it is."""
    line = StaffAction.get(action_id)
    if line.status != Status.RUNNING:
        return line
    _action_of(line, actor)
    return _go_outside(line)


def record(*, name: str, subject: str, actor: int, address: str, reason: str = "", user: int | None = None,
           before: dict | None = None, after: dict | None = None) -> str:
    """Write something that is done into the audit list, in the transaction that does it; returns the line's id."""
    now = clock.now()
    return StaffAction(id=new_uuid(), name=name, subject=subject, user=user, reason=reason, maker=actor,
                       address=address, status=Status.DONE.value, made_at=now, finished_at=now,
                       before=before or {}, after=after or {}).create().id


def look(line: StaffAction) -> staff_subjects.Facts:
    """What the subject of a line looks like now; nothing when it is gone."""
    try:
        return staff_subjects.find(line.subject).facts
    except NotFound:
        return {}


def permission_of(name: str, subject: str) -> Permission | None:
    """What an action on this subject asks of whoever does it or decides on it; None when there is no such form."""
    row = ACTIONS.get((name, subject.partition(":")[0]))
    return row.permission if row is not None else None


def may_act(actor: User, name: str, subject: str) -> bool:
    """Whether the form of this action opens for `actor`."""
    needed = permission_of(name, subject)
    return needed is not None and actor.can(needed)


@atomic
def _begin(maker: User, address: str, name: str, subject: str, typed: Mapping[str, str], reason: str,
           key: str) -> tuple[StaffAction, bool]:
    found = staff_subjects.find(subject)
    action = _action(name, found.kind, maker)
    arguments, errors = read(action, typed)
    if problem := _problem_with(reason):
        errors["reason"] = [problem]
    known = StaffAction.find_one({"_id": key})
    if known is not None:
        return _same(known, maker, name, {found.name, subject}, arguments, reason), False
    if errors:
        raise Invalid(errors=errors)
    now, amount = clock.now(), action.moves(found, arguments)
    line = StaffAction(
        id=key, name=name, subject=found.name, user=found.user, arguments=arguments, amount=amount or None,
        unit=found.unit, reason=reason, status=Status.RUNNING.value, maker=maker.id, address=address, made_at=now,
        before=found.facts)
    if amount and not _may_alone(maker, found, amount):
        line.status = Status.WAITING.value
        return line.create(), True
    # The line first: of many requests with one key all but one lose here, before any money is touched.
    return _carry_out(line.create(), action, found, maker), True


@atomic
def _approve(checker: User, action_id: str, note: str) -> StaffAction:
    line = _checkable(checker, action_id)
    maker = User.find_one({"_id": line.maker, "is_active": True})
    if maker is None or not maker.is_console_staff:
        raise Conflict("Whoever asked for this is no longer staff: reject it, and ask for it yourself if it is right.")
    held = StaffAction.approve(action_id, checker=checker.id, note=note, now=clock.now()) or _decided()
    try:
        found = staff_subjects.find(held.subject)
        action = _action(held.name, found.kind, maker)
        if action.moves(found, held.arguments) > (held.amount or 0):
            raise Conflict("More would move by now than was asked for: ask for it anew.")
        return _carry_out(held, action, found, maker)
    except Unavailable:
        raise
    except DomainError as error:
        raise _Refused(error) from error


def _carry_out(line: StaffAction, action: Action, found: Subject, maker: User) -> StaffAction:
    """Run a line that the surrounding transaction has made running; it ends there unless it has to go outside."""
    result = action.run(_order(line, found, maker))
    if action.asks(result):
        return StaffAction.note_down(line.id, before=found.facts, result=result)
    return StaffAction.finish(line.id, now=clock.now(), before=found.facts, result=result, after=look(line))


def _go_outside(line: StaffAction) -> StaffAction:
    """Ask outside for a running line, and end it with the answer; it stays running while there is none."""
    try:
        action, order = _resumed(line)
        if action.outside is None:
            raise RuntimeError(f"action {line.id} has nothing to ask outside")
        return _conclude(line.id, action.outside(order))
    except (StillRunning, Unavailable):
        return StaffAction.get(line.id)
    except DomainError as error:
        return _failed(line.id, error)


@atomic
def _conclude(action_id: str, told: Any) -> StaffAction:
    # Read here and not before: of two who carry the same line on, the one that starts over finds it ended.
    line = StaffAction.get(action_id)
    if line.status != Status.RUNNING:
        return line
    action, order = _resumed(line)
    made = action.conclude(order, told) if action.conclude is not None else {}
    return StaffAction.finish(line.id, now=clock.now(), result=line.result | made, after=look(line))


def _failed(action_id: str, error: DomainError, **facts: Any) -> StaffAction:
    line = StaffAction.get(action_id)
    failed = StaffAction.fail(action_id, refusal=error.detail, now=clock.now(), after=look(line), **facts)
    return failed or StaffAction.get(action_id)


def _resumed(line: StaffAction) -> tuple[Action, Order]:
    found = staff_subjects.find(line.subject)
    # Whoever has begun it with every right may leave: what is running is only brought to its end.
    return ACTIONS[line.name, found.kind], _order(line, found, User.get(line.maker))


def _order(line: StaffAction, found: Subject, maker: User) -> Order:
    return Order(key=line.id, subject=found, arguments=line.arguments, maker=maker, reason=line.reason,
                 result=line.result)


def _action(name: str, kind: str, actor: User) -> Action:
    action = ACTIONS.get((name, kind))
    if action is None:
        raise NotFound
    if not actor.can(action.permission):
        raise Forbidden
    return action


def _action_of(line: StaffAction, actor: User) -> Action:
    return _action(line.name, line.subject.partition(":")[0], actor)


def _checkable(checker: User, action_id: str) -> StaffAction:
    """A line on which `checker` may decide at all. Raises NotFound, Forbidden."""
    line = StaffAction.get(action_id)
    _action_of(line, checker)
    if line.maker == checker.id:
        raise Forbidden("You cannot decide on your own request; another member of staff has to.")
    return line


def _may_alone(maker: User, found: Subject, amount: int) -> bool:
    return StaffSpending.take(f"{maker.id}:{found.counts_for}", amount,
                              most=settings.current().approval_threshold, now=clock.now())


def _same(known: StaffAction, maker: User, name: str, subjects: set[str], arguments: dict, reason: str) -> StaffAction:
    asked = (maker.id, name, arguments, reason)
    if (known.maker, known.name, dict(known.arguments), known.reason) != asked or known.subject not in subjects:
        raise Conflict("This form was sent before with something else in it: look at the audit list, "
                       "then open the action anew if it is still needed.")
    return known


def _problem_with(text: str) -> str | None:
    if SHORTEST_REASON <= len(text) <= LONGEST_REASON and "\x00" not in text:
        return None
    return f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters."


def _decided() -> NoReturn:
    raise Conflict("This request waits no longer: somebody has decided on it, or nobody did for seven days.")

"""What staff change at the console besides money: the change, and what it looked like before and after, at once."""
from collections.abc import Callable
from typing import Any

from documents.base import Document
from documents.errors import Conflict, Invalid
from documents.transactions import atomic
from documents.users import User
from services import staff_actions

SHORTEST_REASON, LONGEST_REASON = 3, 500

Facts = dict[str, Any]
"""What can be changed of a document, as the form and the audit list show it."""


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    detail = "Somebody else has changed this since you opened the form. Nothing was saved: look, then save again."


@atomic
def create(*, kind: str, make: Callable[[], Document], facts: Callable[[Any], Facts], actor: User,
           address: str) -> Document:
    """Make something by `make` and write it into the audit list as `<kind>.create`. Raises what `make` raises."""
    made = make()
    staff_actions.record(name=f"{kind}.create", subject=f"{kind}:{made.pk}", actor=actor.id, address=address,
                         after=facts(made))
    return made


@atomic
def change(*, kind: str, document: type[Document], pk: Any, alter: Callable[[], Any], facts: Callable[[Any], Facts],
           actor: User, address: str, opened: Facts, name: str = "update", user: int | None = None) -> Document:
    """Change one document by `alter` if it still is what the form was `opened` with. Returns its new state.

    Raises ChangedMeanwhile naming the fields that differ, NotFound, and what `alter` raises.
    """
    before = facts(document.get(pk))
    stale = {field: [f"It is now: {value}"] for field, value in before.items() if opened.get(field) != value}
    if stale:
        raise ChangedMeanwhile(errors=stale)
    return _altered(kind, name, document, pk, before, alter, facts, actor=actor, address=address, user=user)


@atomic
def switch(*, kind: str, name: str, document: type[Document], pk: Any, alter: Callable[[], Any],
           facts: Callable[[Any], Facts], actor: User, address: str, reason: str, user: int | None = None) -> Document:
    """Do what a button says, for a `reason`. Raises Invalid without one, NotFound, and what `alter` raises."""
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid.field("reason", f"Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    return _altered(kind, name, document, pk, facts(document.get(pk)), alter, facts, actor=actor, address=address,
                    user=user, reason=reason)


def _altered(kind: str, name: str, document: type[Document], pk: Any, before: Facts, alter: Callable[[], Any],
             facts: Callable[[Any], Facts], *, actor: User, **about: Any) -> Document:
    alter()
    changed = document.get(pk)
    after = facts(changed)
    differing = [field for field, value in before.items() if after.get(field) != value]
    staff_actions.record(name=f"{kind}.{name}", subject=f"{kind}:{pk}", actor=actor.id,
                         before={field: before[field] for field in differing},
                         after={field: after.get(field) for field in differing}, **about)
    return changed

"""The one page that every named action is done on, and the page of each line of the audit list."""
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from werkzeug.wrappers import Response

from blueprints.console import action_words, links
from blueprints.console.access import client_address, staff
from blueprints.console.errors import told
from blueprints.console.pages import Page
from blueprints.errors import status_of
from config import settings
from documents import clock
from documents.errors import DomainError, Forbidden, Invalid, NotFound
from documents.ids import new_uuid
from documents.permissions import Permission
from documents.staff_actions import StaffAction, Status
from services import staff_actions

AUDIT = Permission.MANAGE_SETTINGS
"""Who reads the whole audit list."""


class Actions(Page):
    permission = AUDIT

    def is_accessible(self) -> bool:
        # Each action names a permission of its own, which its service asks for.
        return True

    def is_visible(self) -> bool:
        return False

    def _handle_view(self, view: str, /, **_arguments: Any) -> Any:
        # Positional, for one of the arguments of our addresses is called `name` like Flask-Admin's own.
        return super()._handle_view(view)

    @expose("/")
    def index(self) -> Response:
        """Without an action there is only what waits for somebody."""
        return redirect(url_for("approvals.index_view"))

    @expose("/<name>/<path:subject>/")
    def form(self, name: str, subject: str) -> Any:
        """Show what an action is about, and ask for what it needs."""
        shown = staff_actions.form(actor=staff, name=name, subject=subject)
        if shown.subject.name != subject:
            return redirect(url_for(".form", name=name, subject=shown.subject.name))
        return self._form(shown, typed=shown.suggested, key=new_uuid())

    @expose("/<name>/<path:subject>/", methods=("POST",))
    def perform(self, name: str, subject: str) -> Any:
        """Do it, or ask somebody else to approve it."""
        typed = request.form.to_dict()
        try:
            line = staff_actions.perform(
                maker=staff, address=client_address(), name=name, subject=subject, typed=typed,
                reason=typed.get("reason", ""), key=_key(typed.get("key", "")))
        except (NotFound, Forbidden):
            raise
        except DomainError as error:
            shown = staff_actions.form(actor=staff, name=name, subject=subject)
            return self._form(shown, typed=typed, key=typed["key"], refused=error), status_of(type(error))
        return _answered(line)

    @expose("/line/<action_id>/")
    def line(self, action_id: str) -> str:
        """Show one line: who, when, what and why, before and after, and what can still be decided."""
        line = _visible(action_id)
        return self.render(
            "console/action_line.html", line=line, status=line.shown_status(clock.now()), may=_may(line),
            title=action_words.title(line), people=action_words.people(line), rows=action_words.side_by_side(line),
            made=action_words.made(line), subject=links.subject(line.subject), whole_list=staff.can(AUDIT))

    @expose("/line/<action_id>/approve/", methods=("POST",))
    def approve(self, action_id: str) -> Response:
        """Do what somebody else asked for."""
        note = request.form.get("note", "")
        return _decided(action_id, lambda: staff_actions.approve(checker=staff, action_id=action_id, note=note))

    @expose("/line/<action_id>/reject/", methods=("POST",))
    def reject(self, action_id: str) -> Response:
        """Decline what somebody else asked for."""
        note = request.form.get("note", "")
        return _decided(action_id, lambda: staff_actions.reject(checker=staff, action_id=action_id, note=note))

    @expose("/line/<action_id>/withdraw/", methods=("POST",))
    def withdraw(self, action_id: str) -> Response:
        """Take one's own request back."""
        return _decided(action_id, lambda: staff_actions.withdraw(maker=staff, action_id=action_id))

    @expose("/line/<action_id>/finish/", methods=("POST",))
    def finish(self, action_id: str) -> Response:
        """Carry on what was left running."""
        return _decided(action_id, lambda: staff_actions.finish(actor=staff, action_id=action_id))

    def _form(self, shown: staff_actions.Form, *, typed: dict, key: str, refused: DomainError | None = None) -> str:
        errors = refused.errors if isinstance(refused, Invalid) else {}
        return self.render(
            "console/action.html", action=shown.action, subject=shown.subject, waiting=shown.waiting, typed=typed,
            key=key, errors=errors, refused=told(refused) if refused is not None and not errors else "",
            facts=action_words.facts(shown.subject.facts, shown.subject.unit),
            threshold=settings.current().approval_threshold)


def _key(text: str) -> str:
    """The form's one-time key. Anything else was not made by our form."""
    try:
        return str(UUID(text))
    except ValueError:
        abort(400)


def _visible(action_id: str) -> StaffAction:
    """A line that the person at the console may see: its own, one it could decide on, or any with the audit list."""
    line = StaffAction.get(action_id)
    if staff.id == line.maker or staff.can(AUDIT) or staff_actions.may_act(staff, line.name, line.subject):
        return line
    raise Forbidden


def _may(line: StaffAction) -> set[str]:
    """What the person at the console can do about a line; the service asks again."""
    needed = staff_actions.permission_of(line.name, line.subject)
    if needed is None:
        return set()
    status, own, able = line.shown_status(clock.now()), line.maker == staff.id, staff.can(needed)
    offered = {"approve": status == Status.WAITING and able and not own,
               "reject": line.status == Status.WAITING and able and not own,
               "withdraw": line.status == Status.WAITING and own,
               "finish": status == Status.RUNNING and able}
    return {name for name, possible in offered.items() if possible}


def _decided(action_id: str, decide: Any) -> Response:
    """Do it, say how it went, and show the line."""
    try:
        return _answered(decide())
    except NotFound:
        raise
    except DomainError as error:
        flash(told(error), "error")
    return redirect(url_for(".line", action_id=action_id))


def _answered(line: StaffAction) -> Response:
    flash(*action_words.outcome(line))
    return redirect(url_for(".line", action_id=line.id))


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Actions(name="Actions", category="Audit", endpoint="actions", url="/actions")]

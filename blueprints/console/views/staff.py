"""Staff: who may sign in here, and what each of them may do."""
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_admin import BaseView, expose

from blueprints.console.access import client_address, staff
from blueprints.console.errors import told
from blueprints.console.pages import Page
from documents.errors import DomainError
from documents.permissions import GRANTABLE, Permission
from documents.users import User
from services import logins
from services import staff as staff_rights


class Staff(Page):
    permission = Permission.MANAGE_STAFF

    @expose("/")
    def index(self) -> str:
        """Everybody who may sign in here."""
        return self.render("console/staff.html", people=staff_rights.everybody())

    @expose("/find/")
    def find(self) -> Response:
        """To the person whose e-mail, phone or user name was typed."""
        found = logins.find(request.args.get("login", "").strip()[:254])
        if found is None:
            flash("Nobody has this e-mail, phone or user name.", "error")
            return redirect(url_for("staff.index"))
        return redirect(url_for("staff.member", user_id=found.id))

    @expose("/<int:user_id>/")
    def member(self, user_id: int) -> str:
        """What one person may do."""
        return self.render("console/staff_member.html", person=User.get(user_id, deleted_at=None), grantable=GRANTABLE)

    @expose("/<int:user_id>/permissions/", methods=("POST",))
    def permissions(self, user_id: int) -> Response:
        """Make a client a member of staff, or change what a member may do."""
        chosen = None if request.form.get("everything") else request.form.getlist("permissions")
        return _told(user_id, "Saved. The person has to sign in again.", staff_rights.set_permissions,
                     permissions=chosen)

    @expose("/<int:user_id>/withdraw/", methods=("POST",))
    def withdraw(self, user_id: int) -> Response:
        """Make a client of a member of staff or an admin."""
        return _told(user_id, "Withdrawn. The person is a client now.", staff_rights.withdraw)


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Staff(name="Staff", category="People", endpoint="staff", url="/staff")]


def _told(user_id: int, done: str, act: Any, **arguments: Any) -> Response:
    try:
        act(actor=staff, user_id=user_id, address=client_address(), reason=request.form.get("reason", "").strip()[:500],
            **arguments)
        flash(done, "success")
    except DomainError as error:
        flash(told(error), "error")
    return redirect(url_for("staff.member", user_id=user_id))

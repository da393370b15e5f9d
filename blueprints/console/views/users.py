"""Customers and everybody else with an account: the list, new businesses, changes, passwords and margins."""
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_admin import BaseView, expose

from blueprints.console import filters, forms
from blueprints.console.access import client_address, staff
from blueprints.console.editing import EditableView, Switch
from blueprints.console.errors import told
from blueprints.schemas.admin_users import CreateUserIn, NewPasswordIn, UpdateUserIn
from blueprints.schemas.margins import MarginIn
from documents.errors import DomainError, NotFound
from documents.margins import Margin
from documents.permissions import Permission, UserType
from documents.users import User
from services import admin_users, margins, staff_edits

ROLES = {str(member.value): member.display for member in UserType}
NEWEST_JOINED = ("-date_joined", "-id")
ANONYMISE = Switch("anonymise", "Delete the account",
                   "The person goes: addresses, name and password are removed and every session ends. "
                   "Money and history stay. This cannot be undone.", True)


class Users(EditableView):
    permission = Permission.MANAGE_USERS
    kind = "user"
    searched = ("email", "phone")
    phones = ("phone",)
    ids = ("id",)
    people = ("parent",)
    hidden = ("password", "guarded", "tree_changes")
    make_schema, change_schema = CreateUserIn, UpdateUserIn
    without = ("full_name", "name", "is_active", "password_confirm")
    # Its own role stands in the form of somebody whom the API could not make, an admin or a client: it stays.
    choices = {"user_type": lambda: list(ROLES.items())}
    list_template, details_template = "console/users.html", "console/user.html"
    column_list = ("id", "first_name", "last_name", "email", "phone", "user_type", "is_active", "date_joined")
    column_labels = {"user_type": "Role", "parent": "Distributor", "date_joined": "Joined", "is_staff": "Staff"}
    column_filters = (
        filters.number("parent", "Distributor", order=NEWEST_JOINED),
        filters.Is("user_type", "Role", options=list(ROLES.items()), read=lambda typed: int(UserType(int(typed))),
                   order=NEWEST_JOINED),
        *filters.days("date_joined", "Joined", order=NEWEST_JOINED))
    column_sortable_list = ("id", "date_joined")
    empty = "No customers yet. They appear here as soon as they register."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for formatters in (self.column_formatters, self.column_formatters_export):
            formatters["user_type"] = lambda _view, _context, row, _name: row.role.display

    def make(self, password: str, fields: dict) -> User:
        return admin_users.create(manager=staff, password=password, fields=fields)

    def alter(self, row: User, fields: dict) -> None:
        admin_users.update(manager=staff, user_id=row.id, fields=fields)

    def switches(self, row: User) -> list[Switch]:
        return [ANONYMISE] if row.deleted_at is None else []

    def turn(self, row: User, name: str) -> None:
        admin_users.delete(manager=staff, user_id=row.id)

    def customer_of(self, row: User) -> int:
        return row.id

    def related(self, row: User) -> list[tuple[str, str]]:
        return [("Everything about this customer", url_for("customers.page", user_id=row.id)),
                ("Wallets", url_for("wallets.index_view", flt_owner=row.id)),
                ("Recharges", url_for("recharges.index_view", flt_customer=row.id)),
                ("Purchases", url_for("purchases.index_view", flt_customer=row.id)),
                ("Payments", url_for("payments.index_view", flt_customer=row.id)),
                ("Sessions", url_for("sessions.index_view", flt_customer=row.id))]

    @expose("/password/", methods=("POST",))
    def password(self) -> Response:
        """Set a new password and end the person's sessions."""
        row = self.get_one(request.form.get("id", "")[:20])
        if row is None:
            raise NotFound
        try:
            fresh = forms.loaded(NewPasswordIn, {"new_password": request.form.get("new_password", "")})
            staff_edits.switch(
                kind=self.kind, name="reset_password", document=User, pk=row.id, user=row.id, actor=staff,
                alter=lambda: admin_users.reset_password(manager=staff, user_id=row.id, **fresh), facts=self.facts,
                address=client_address(), reason=request.form.get("reason", ""))
            flash("The new password is set; every session of this person has ended.", "success")
        except DomainError as error:
            flash(told(error), "error")
        return redirect(url_for(".details_view", id=row.id))

    def _found(self, search_term: str) -> dict:
        # User names are unique in any case: their index has an order of its own, which only a whole name finds.
        match, named = super()._found(search_term), User.by_username(search_term.strip()[:254].replace("\x00", ""))
        return match if named is None else {"$or": [{"_id": named.id}, match]}


class MarginChange(MarginIn):
    """The margin of somebody who is known."""

    class Meta(MarginIn.Meta):
        exclude = ("user_email",)


class Margins(EditableView):
    permission = Permission.SET_ANY_MARGIN
    kind = "margin"
    people = ("id", "set_by")
    ids = ("id",)
    make_schema, change_schema = MarginIn, MarginChange
    column_list = ("id", "basis_points", "set_by", "created_at", "updated_at")
    column_labels = {"id": "Business", "basis_points": "Margin"}
    empty = "No business has a margin yet: create one by the e-mail address of a distributor or retailer."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for formatters in (self.column_formatters, self.column_formatters_export):
            formatters["basis_points"] = lambda _view, _context, row, _name: self.facts(row)["margin_percentage"] + " %"

    def make(self, **facts: Any) -> Margin:
        return Margin.get(margins.set_margin(actor=staff, **facts)["_id"])

    def alter(self, row: Margin, **facts: Any) -> None:
        margins.set_margin(actor=staff, user_email=User.get(row.id).email or "", **facts)

    def customer_of(self, row: Margin) -> int:
        return row.id


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Users(User, "Customers", category="People", endpoint="users"),
            Margins(Margin, "Margins", category="People", endpoint="margins")]

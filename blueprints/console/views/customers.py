"""Customers: the list, and one page for everything about one of them."""
from typing import Any

from flask import redirect, url_for
from flask_admin import BaseView, expose

from blueprints.console import filters
from blueprints.console.pages import DocumentView, Page
from documents.permissions import Permission
from documents.users import User


class Customers(DocumentView):
    permission = Permission.MANAGE_USERS
    searched = ("email", "phone", "username")
    ids = ("id",)
    hidden = ("password", "guarded", "tree_changes")
    column_list = ("id", "first_name", "last_name", "email", "phone", "user_type", "is_active", "date_joined")
    column_filters = (
        filters.number("parent", "Distributor"), *filters.days("date_joined", "Joined"))
    column_sortable_list = ("id",)
    empty = "No customers yet. They appear here as soon as they register."


class Customer(Page):
    permission = Permission.MANAGE_USERS

    @expose("/")
    def index(self) -> Any:
        """Without an id there is only the list."""
        return redirect(url_for("users.index_view"))

    @expose("/<int:user_id>/")
    def page(self, user_id: int) -> str:
        """One customer."""
        return self.render("console/customer.html", person=User.get(user_id))

    def is_visible(self) -> bool:
        return False


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Customers(User, "Customers", category="People", endpoint="users"),
            Customer(name="Customer", category="People", endpoint="customers", url="/customers")]

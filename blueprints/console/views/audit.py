"""The lists of what staff did, and of what waits for somebody."""
from typing import Any

from flask_admin import BaseView
from mongoengine import QuerySet

from blueprints.console import filters, formats
from blueprints.console.access import staff
from blueprints.console.pages import DocumentView
from blueprints.console.views.actions import AUDIT
from documents import clock
from documents.staff_actions import WAITS, StaffAction, Status
from services.staff_money import ROWS


class StaffActions(DocumentView):
    permission = AUDIT
    can_view_details = False        # each line has a page of its own
    list_template = "console/action_list.html"
    searched = ("subject",)
    money = ("amount",)
    people = ("user", "maker", "checker")
    states = ("status",)
    column_labels = {"made_at": "When", "name": "Action", "user": "Customer", "maker": "Asked by",
                     "checker": "Decided by"}
    column_sortable_list = ("made_at",)
    column_default_sort = ("made_at", True)

    def _shown(self, field: str) -> Any:
        if field == "status":
            return lambda _view, _context, row, _name: formats.badge(row.shown_status(clock.now()))
        return super()._shown(field)


class Audit(StaffActions):
    """Everything, newest first."""

    column_list = ("made_at", "name", "subject", "user", "amount", "status", "maker", "checker", "reason")
    column_export_list = ("id", *column_list, "unit", "arguments", "address", "checked_at", "note", "finished_at",
                          "before", "after", "result", "refusal")
    column_filters = (
        filters.choice("status", "Status", Status), filters.text("name", "Action"), filters.text("subject", "Subject"),
        filters.number("maker", "Maker"), filters.number("user", "Customer"), *filters.days("made_at", "Made"))
    empty = "Nobody has acted at the console yet. Every action appears here, with its reason, before and after."


class Approvals(StaffActions):
    """Of the actions that the person at the console may do: what somebody else has to approve, and what was begun and
    has not ended."""

    column_list = ("made_at", "name", "subject", "user", "amount", "maker", "reason", "status")
    column_filters = (filters.number("maker", "Maker"), filters.number("user", "Customer"))
    can_export = False
    empty = "Nothing waits. What a colleague asks for above the approval threshold appears here, and what was begun " \
            "and has to be finished."

    def is_accessible(self) -> bool:
        return bool(_mine())

    def get_query(self) -> QuerySet:
        waiting = {"status": Status.WAITING.value, "made_at": {"$gt": clock.now() - WAITS}}
        return super().get_query().filter(__raw__={
            "$or": [waiting, {"status": Status.RUNNING.value}], "name": {"$in": _mine()}})


def _mine() -> list[str]:
    """The actions that the person at the console may do."""
    return sorted({row.name for row in ROWS if staff.can(row.permission)})


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Approvals(StaffAction, "Approvals", category="Audit", endpoint="approvals"),
            Audit(StaffAction, "Audit list", category="Audit", endpoint="audit")]

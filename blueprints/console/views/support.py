"""Support: tickets to answer, and which notices the installation sends."""
from typing import Any

from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.access import staff
from blueprints.console.editing import EditableView
from blueprints.schemas.notifications import NotificationFlags
from blueprints.schemas.support import TicketAnswer
from documents.notification_settings import NotificationSettings
from documents.permissions import Permission
from documents.tickets import IssueType, Ticket, TicketStatus
from services import notifications, support


class Tickets(EditableView):
    permission = Permission.MANAGE_SUPPORT
    kind = "ticket"
    ids = ("id",)
    people = ("user", "assigned_to")
    records = {"transaction": "recharges"}
    states = ("status",)
    change_schema = TicketAnswer
    column_list = ("id", "status", "issue_type", "user", "description", "assigned_to", "created_at", "updated_at")
    column_labels = {"transaction": "Recharge", "issue_type": "About"}
    column_filters = (
        filters.number("user", "Customer", order=("-id",)),
        filters.choice("status", "Status", TicketStatus, order=("-id",)),
        filters.choice("issue_type", "About", IssueType, order=("-id",)),
        *filters.days("created_at", "Opened", order=("-created_at", "-id")))
    column_sortable_list = ("id",)
    empty = "No tickets. When a customer asks for help, answer here."

    def alter(self, row: Ticket, **facts: Any) -> None:
        support.answer(ticket_id=row.id, actor=staff, changes=facts)

    def related(self, row: Ticket) -> list[tuple[str, str]]:
        return [("Everything about this customer", url_for("customers.page", user_id=row.user))]


class NoticeSettings(EditableView):
    permission = Permission.MANAGE_SETTINGS
    few = True
    kind = "notification_settings"
    change_schema = NotificationFlags
    column_list = ("in_app", "email", "sms", "recharge_success", "recharge_failed", "new_user_registered",
                   "low_balance", "updated_at")
    empty = "Nobody has changed a setting yet: the defaults hold. Change one by the API first."

    def alter(self, row: NotificationSettings, **facts: Any) -> None:
        notifications.change_kept_settings(flags=facts)


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Support"}
    return [
        Tickets(Ticket, "Tickets", endpoint="tickets", **area),
        NoticeSettings(NotificationSettings, "Notice settings", endpoint="notification_settings", **area),
    ]

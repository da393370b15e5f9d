"""What runs underneath: events, messages, webhooks in and out, and the machinery's own records."""
from typing import Any

from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.access import staff
from blueprints.console.editing import EditableView, Switch
from blueprints.console.pages import RECORDS, DocumentView
from blueprints.schemas.webhook_endpoints import EndpointPatch
from documents.events import Event
from documents.gateway_events import GatewayEvent
from documents.gateway_events import Status as GatewayStatus
from documents.messages import ChannelPause, Message, MessageStatus
from documents.permissions import Permission
from documents.webhook_deliveries import WebhookDelivery
from documents.webhook_endpoints import WebhookEndpoint
from services import webhook_endpoints

LATEST = ("-created_at",)
OFF = Switch("switch_off", "Switch off", "Nothing is sent to it any more; what is on its way is cancelled.", True)
ON = Switch("switch_on", "Switch on", "Events are sent to it again from now on.")


class Messages(DocumentView):
    permission = Permission.MANAGE_USERS
    searched = ("to",)
    phones = ("to",)
    states = ("status",)
    hidden = ("code", "key")
    column_list = ("created_at", "channel", "to", "subject", "status", "attempts", "sent_at", "error")
    column_export_list = ("id", *column_list)
    column_filters = (
        filters.text("to", "To", order=("-created_at", "-id")),
        filters.Asked("Waiting", lambda: {"status": MessageStatus.QUEUED.value, "due_at": {"$exists": True}},
                      order=("due_at",)),
        filters.Asked("Failed", lambda: {"status": MessageStatus.FAILED.value}, order=LATEST),
        *filters.days("created_at", "Written", order=LATEST))
    empty = "No message was written in the last 30 days."

    def _shown(self, field: str) -> Any:
        # A body that carries a code or a link is for its receiver alone.
        shown = super()._shown(field)
        if field != "body":
            return shown
        return lambda view, context, row, name: (
            "Only its receiver may read it." if row.secret else shown(view, context, row, name))


class Events(DocumentView):
    permission = Permission.VIEW_REPORTS
    people = ("user", "data.actor", "data.by", "data.user")
    records = {"merchant": "merchants"}
    subjects = ("subject",)
    searched = ("subject",)
    money = ("data.amount", "data.final_amount", "data.discount", "data.refunded", "data.total_price")
    column_list = ("created_at", "type", "subject", "user", "merchant", "dispatched_at", "attempts")
    column_filters = (
        filters.text("subject", "Subject", order=LATEST), filters.number("user", "Customer", order=LATEST),
        filters.Asked("Given up", lambda: {"parked_at": {"$exists": True}}, order=("-parked_at",)),
        filters.Asked("Waiting", lambda: {"due_at": {"$exists": True}}, order=("due_at", "id")),
        *filters.written("Made"))
    empty = "Nothing has happened yet."


class GatewayEvents(DocumentView):
    permission = Permission.MANAGE_REFUNDS
    searched = ("id",)
    states = ("status",)
    hidden = ("body",)
    column_list = ("id", "type", "intent", "status", "attempts", "error", "created_at")
    column_filters = (
        filters.Asked("Given up", lambda: {"status": GatewayStatus.PARKED.value}, order=LATEST),
        filters.Asked("Waiting", lambda: {"due_at": {"$exists": True}}, order=("due_at",)),
        *filters.days("created_at", "Received", order=LATEST))
    column_default_sort = ("created_at", True)
    empty = "No payment gateway has sent a webhook in the last 90 days."

    def related(self, row: GatewayEvent) -> list[tuple[str, str]]:
        return [("The payment it is about", url_for("payments.index_view", search=row.intent))] if row.intent else []


class WebhookEndpoints(EditableView):
    permission = Permission.MANAGE_WEBHOOKS
    kind = "webhook"
    ids = ("id",)
    people = ("created_by",)
    records = {"merchant": "merchants"}
    hidden = ("secret", "old_secret", "old_secret_until", "slot")
    change_schema = EndpointPatch
    without = ("is_active",)
    column_list = ("id", "url", "merchant", "description", "events", "is_active", "disabled_reason", "last_success_at")
    column_filters = (filters.number("merchant", "Merchant", order=("-id",)),
                      filters.flag("is_active", "Active", order=("-id",)))
    column_sortable_list = ("id",)
    empty = "Nothing is sent anywhere yet. Endpoints are made by the API, which shows their secret once."

    def alter(self, row: WebhookEndpoint, **facts: Any) -> None:
        webhook_endpoints.change(row.id, viewer=staff, **facts)

    def switches(self, row: WebhookEndpoint) -> list[Switch]:
        return [OFF if row.is_active else ON]

    def turn(self, row: WebhookEndpoint, name: str) -> None:
        self.alter(row, is_active=name == ON.name)

    def facts(self, row: WebhookEndpoint) -> dict:
        return super().facts(row) | {"is_active": bool(row.is_active)}

    def related(self, row: WebhookEndpoint) -> list[tuple[str, str]]:
        return [("What was sent to it", url_for("webhook_deliveries.index_view", flt_endpoint=row.id))]


class WebhookDeliveries(DocumentView):
    permission = Permission.MANAGE_WEBHOOKS
    records = {"endpoint": "webhook_endpoints", "event": "events"}
    states = ("status",)
    hidden = ("body", "log.response")
    column_list = ("created_at", "endpoint", "type", "status", "attempts", "due_at")
    column_filters = (
        filters.number("endpoint", "Endpoint", order=("-created_at", "-id")),
        filters.Asked("Waiting", lambda: {"due_at": {"$exists": True}}, order=("due_at",)),
        *filters.days("created_at", "Made", order=LATEST))
    empty = "Nothing was sent in the last 30 days."


class ChannelPauses(DocumentView):
    permission = Permission.MANAGE_JOBS
    few = True
    column_list = ("channel", "until")
    column_default_sort = ("channel", False)
    empty = "Every channel works: none is paused."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Operations"}
    return [
        Messages(Message, "Messages", endpoint="messages", **area),
        Events(Event, "Events", endpoint="events", **area),
        GatewayEvents(GatewayEvent, "Gateway webhooks", endpoint="gateway_events", **area),
        WebhookEndpoints(WebhookEndpoint, "Webhook endpoints", endpoint="webhook_endpoints", **area),
        WebhookDeliveries(WebhookDelivery, "Webhook deliveries", endpoint="webhook_deliveries", **area),
        ChannelPauses(ChannelPause, "Paused channels", endpoint="channel_pauses", category=RECORDS),
    ]

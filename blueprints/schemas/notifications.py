"""Notices and their settings on the wire: one shape that holds the keys of both old clients."""
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, Id, IntField, Str, TimeField
from documents.notifications import NoticeKind

SHOP_KINDS = ("PAYMENT", "COUPON", "SETTLEMENT")
MOST_AT_ONCE = 1_000


def _stored(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else row[name]


class Note(Schema):
    id = Id()
    title = Str()
    message = Str()
    notification_type = ChoiceField(NoticeKind, attribute="kind")
    type = fields.Function(
        lambda row: _stored(row, "kind") if _stored(row, "kind") in SHOP_KINDS else "SYSTEM",
        metadata={"type": "string", "description": "PAYMENT, COUPON, SETTLEMENT, or SYSTEM for every other kind"})
    status = fields.Function(lambda row: "READ" if _stored(row, "read_at") else "SENT",
                             metadata={"type": "string", "enum": ["SENT", "READ"]})
    created_at = TimeField()
    delivered_at = TimeField(allow_none=True, metadata={"description": "Always null: the list is the delivery"})
    read_at = TimeField(allow_none=True)
    is_read = fields.Function(lambda row: _stored(row, "read_at") is not None, metadata={"type": "boolean"})
    is_archived = BoolField()
    related_id = Id(allow_none=True)
    user = Id()


class NoteIds(Schema):
    ids = fields.List(Id(), load_default=list, validate=Length(
        max=MOST_AT_ONCE, error=f"Ensure this has no more than {MOST_AT_ONCE} ids."))


class Said(Schema):
    message = Str()


class UnreadCount(Schema):
    unread_count = IntField(min=0)


class NotificationFlags(Schema):
    in_app = BoolField()
    email = BoolField()
    sms = BoolField()
    recharge_success = BoolField()
    recharge_failed = BoolField()
    new_user_registered = BoolField()
    low_balance = BoolField()
    maintenance_scheduled = BoolField()


class NotificationSettingsRow(NotificationFlags):
    id = Id()
    updated_at = TimeField(allow_none=True, metadata={"description": "null until a flag was changed"})


class NotificationSettingsChanged(Schema):
    message = Str()
    data = fields.Nested(NotificationSettingsRow)

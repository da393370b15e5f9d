"""Endpoints of outgoing webhooks, and what was sent to them."""
from typing import Any

from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, ChoiceField, Id, IntField, ObjectIdField, Str, TimeField
from documents.webhook_deliveries import Status
from services.webhook_endpoints import PUBLISHED


class EndpointPatch(Schema):
    url = Str(max=500, metadata={"format": "uri", "example": "https://shop.example/hooks"})
    events = fields.List(Str(max=60), metadata={
        "description": "Types or families (`payment.*`); empty for all of: " + ", ".join(PUBLISHED)})
    description = Str(max=200, blank=True)
    is_active = BoolField()


class EndpointIn(EndpointPatch):
    class Meta(Schema.Meta):
        exclude = ("is_active",)

    url = Str(max=500, required=True, metadata=EndpointPatch._declared_fields["url"].metadata)


class EndpointOut(Schema):
    id = Id()
    merchant = Id(allow_none=True, metadata={"description": "Null for the house's, which hears of everything"})
    url = Str()
    events = fields.List(Str(), dump_default=[])
    description = Str(blank=True, dump_default="")
    is_active = BoolField()
    disabled_reason = Str(allow_none=True, metadata={"description": "gone or failing, when it was switched off by us"})
    last_success_at = TimeField(allow_none=True)
    created_at = TimeField()
    updated_at = TimeField()


class EndpointSecretOut(EndpointOut):
    secret = Str(metadata={"description": "Shown now and never again", "example": "whsec_…"})


class AttemptOut(Schema):
    at = TimeField()
    status = IntField(allow_none=True)
    error = Str(allow_none=True)
    response = Str(allow_none=True, blank=True)
    milliseconds = IntField()


class DeliveryOut(Schema):
    id = ObjectIdField()
    event = ObjectIdField()
    type = Str()
    status = ChoiceField(Status)
    attempts = IntField()
    log = fields.List(fields.Nested(AttemptOut), dump_default=[])
    body = Str()
    due_at = TimeField(allow_none=True)
    created_at = TimeField()

    def _row(self, item: Any) -> dict:
        return super()._row(item if isinstance(item, dict) else item.to_mongo())


class DeliveryFilters(Schema):
    status = ChoiceField(Status)


class DeliveryDone(Schema):
    message = Str()
    delivery = fields.Nested(DeliveryOut)


class ReplayIn(Schema):
    since = TimeField(required=True)


class ReplayOut(Schema):
    message = Str()
    count = IntField()

"""Margins on the wire."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import EmailField, Id, PercentField, Str, TimeField


class MarginIn(Schema):
    user_email = EmailField(required=True)
    margin_percentage = PercentField(required=True, attribute="basis_points")


class MarginRow(Schema):
    id = Id()
    user_email = Str(allow_none=True)
    user_type = Str(metadata={"example": "2"})
    margin_percentage = PercentField(attribute="basis_points")
    admin_email = Str(allow_none=True, metadata={"description": "Who set it: an admin, or the distributor above"})
    created_at = TimeField()
    updated_at = TimeField()


class MarginSet(Schema):
    message = Str()
    margin = fields.Nested(MarginRow)

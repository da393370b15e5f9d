"""The shape of every refusal, for the documentation; blueprints/errors.py writes it."""
from marshmallow import INCLUDE, Schema, fields


class Problem(Schema):
    """RFC 9457. A refused field is also a top-level key with its list of messages."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"example": "urn:purser:error:validation_error"})
    title = fields.String(required=True, metadata={"example": "Bad Request"})
    status = fields.Integer(required=True, metadata={"example": 400})
    detail = fields.String(required=True, metadata={"example": "amount: A valid amount is required."})
    code = fields.String(required=True, metadata={
        "example": "validation_error", "description": "Stable; see docs/errors.md"})
    request_id = fields.String(required=True, metadata={"example": "0193f2c4a8c07d3f8a4e5b6c7d8e9f00"})
    errors = fields.Dict(keys=fields.String(), required=True, metadata={
        "example": {"amount": ["A valid amount is required."]}})
    error = fields.String(required=True, metadata={"description": "The same as `detail`, for old clients"})
    message = fields.String(required=True, metadata={"description": "The same as `detail`, for old clients"})

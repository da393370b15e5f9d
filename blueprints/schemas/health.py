"""Wire format of the health routes."""
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, IntField, Str


class Health(Schema):
    status = Str(required=True, metadata={"example": "healthy"})
    framework = Str(required=True, data_key="django",
                    metadata={"description": "Named so for old clients", "example": "running"})


class Test(Schema):
    message = Str(required=True, metadata={"example": "Backend is working!"})
    status = Str(required=True, metadata={"example": "success"})
    version = Str(required=True, metadata={"example": "1.0.0"})


class Live(Schema):
    status = Str(required=True, metadata={"example": "ok"})


class Ready(Schema):
    status = Str(required=True, metadata={"example": "ready"})
    mongo = BoolField(required=True, metadata={"description": "A primary answers"})
    redis = BoolField(required=True)
    queue_age_seconds = IntField(required=True, allow_none=True,
                                 metadata={"description": "How long the oldest waiting job has waited"})
    queue_late = BoolField(required=True)

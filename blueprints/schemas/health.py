"""Wire format of the health routes."""
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import Str


class Health(Schema):
    status = Str(required=True, metadata={"example": "healthy"})
    framework = Str(required=True, data_key="django",
                    metadata={"description": "Named so for old clients", "example": "running"})


class Test(Schema):
    message = Str(required=True, metadata={"example": "Backend is working!"})
    status = Str(required=True, metadata={"example": "success"})
    version = Str(required=True, metadata={"example": "1.0.0"})

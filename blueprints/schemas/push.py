"""Web Push on the wire: what a browser's `PushSubscription.toJSON()` says, and what we keep of it."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import Str, TimeField


class PushKey(Schema):
    public_key = Str(metadata={"description": "For `applicationServerKey`, base64url"})


class PushKeys(Schema):
    p256dh = Str(required=True, max=100)
    auth = Str(required=True, max=50)


class PushSubscriptionIn(Schema):
    endpoint = Str(required=True, max=1_000)
    keys_ = fields.Nested(PushKeys, required=True, data_key="keys")


class PushSubscriptionOut(Schema):
    id = Str()
    endpoint = Str(max=1_000)
    device = Str(blank=True)
    created_at = TimeField()


class PushSubscribed(Schema):
    message = Str()
    subscription = fields.Nested(PushSubscriptionOut)

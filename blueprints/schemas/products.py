"""What is sold on instalments, on the wire."""
from typing import Any

from marshmallow import post_load

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import Id, MoneyField, Str


class ProductRow(Schema):
    id = Id()
    name = Str()
    description = Str(max=5_000, blank=True, dump_default="")
    price = MoneyField()


class ProductIn(Schema):
    name = Str(required=True, max=255)
    description = Str(max=5_000, blank=True, allow_none=True)
    price = MoneyField(required=True, metadata={"description": "Of one piece"})

    @post_load
    def no_null(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Clients that send null for "nothing" mean an empty description."""
        return {name: value if value is not None else "" for name, value in body.items()}


class ProductPatch(ProductIn):
    name = Str(max=255)
    price = MoneyField()

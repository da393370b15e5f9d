"""Products: what is sold on instalments. A sold one is archived, never deleted."""
from datetime import datetime
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session


class Product(Document):
    id = IntField(primary_key=True)
    name = StringField(required=True, max_length=255)
    description = StringField(default="", max_length=5_000)
    price = IntField(required=True)
    """Minor units of one piece, for later purchases."""
    is_active = BooleanField(default=True)
    """False once it is archived: nobody sees it and nobody can buy it."""
    sold = BooleanField(default=False)
    """Whether anybody ever bought it."""
    created_at: datetime = DateTimeField(required=True)
    updated_at: datetime = DateTimeField(required=True)

    meta = {"collection": "products", "indexes": [
        ["is_active", "id"],
        ["is_active", "name", "id"],
        ["is_active", "price", "id"],
        ["is_active", "created_at", "id"],
    ]}

    VALIDATOR = {"$jsonSchema": {"required": ["name", "price"], "properties": {
        "price": {"bsonType": ["int", "long"], "minimum": 1}, "description": {"bsonType": "string"}}}}

    @classmethod
    def for_sale(cls, product_id: int) -> Self | None:
        """The product for a purchase in the surrounding transaction, marked as sold from now on.

        Only the first purchase writes: later buyers of a popular product do not wait for each other.
        """
        found = cls.find_one({"_id": product_id, "is_active": True})
        if found is None or found.sold:
            return found
        return cls.change({"_id": product_id, "is_active": True}, {"$set": {"sold": True}})

    @classmethod
    def delete_unsold(cls, product_id: int) -> bool:
        """Delete the product unless somebody bought it; whether it is gone."""
        unsold = {"_id": product_id, "is_active": True, "sold": False}
        return cls.collection().delete_one(unsold, session=current_session()).deleted_count == 1

    @classmethod
    def archive(cls, product_id: int, now: datetime) -> Self | None:
        """Take the product off sale for good, or None when it is already."""
        return cls.change({"_id": product_id, "is_active": True}, {"$set": {"is_active": False, "updated_at": now}})

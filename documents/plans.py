"""Plans: what can be recharged, at which price, for how many days."""
from mongoengine import BooleanField, DateTimeField, EmbeddedDocument, EmbeddedDocumentField, IntField, StringField

from documents.base import Document


class PlanProvider(EmbeddedDocument):
    """The plan's copy of its provider: lists and purchases read plans alone."""

    id = IntField(required=True)
    title = StringField(required=True, max_length=100)
    is_active = BooleanField(required=True)


class Plan(Document):
    """One article of the catalogue. Deleting it deactivates it: recharges keep their own copy."""

    id = IntField(primary_key=True)
    provider = EmbeddedDocumentField(PlanProvider, required=True)
    title = StringField(required=True, max_length=200)
    description = StringField(default="", max_length=1000)
    identifier = StringField(required=True, max_length=50)
    """What the operator calls this plan; unique."""
    amount = IntField(required=True)
    """The face price in minor units."""
    validity = IntField(required=True)
    """Days."""
    is_active = BooleanField(default=True)
    on_sale = BooleanField(required=True)
    """The plan and its provider are both active; kept by services/catalogue.py, so that one index serves the list."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "plans", "indexes": [
        {"fields": ["identifier"], "unique": True},
        ["on_sale", "created_at", "id"],
        ["on_sale", "title", "id"],
        ["on_sale", "amount", "id"],
        ["on_sale", "validity", "id"],
        ["provider.id", "on_sale", "created_at", "id"],
    ]}

    VALIDATOR = {"$jsonSchema": {"required": ["amount", "validity"], "properties": {
        "amount": {"bsonType": ["int", "long"], "minimum": 1},
        "validity": {"bsonType": ["int", "long"], "minimum": 1}}}}

"""Margins: the share of the price that a business keeps on each recharge."""
from mongoengine import DateTimeField, IntField

from documents.base import Document

FULL = 10_000
"""One hundred percent in basis points."""


class Margin(Document):
    """One row a user: its id is the user's, so that there can be no second one."""

    id = IntField(primary_key=True)
    basis_points = IntField(required=True, min_value=0, max_value=FULL)
    """Hundredths of a percent: 5.50 % is 550."""
    set_by = IntField(required=True)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "margins"}

    VALIDATOR = {"$jsonSchema": {"required": ["basis_points"], "properties": {
        "basis_points": {"bsonType": ["int", "long"], "minimum": 0, "maximum": FULL}}}}

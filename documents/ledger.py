"""Ledger entries: append-only, each balanced by itself; and the seals that chain them."""
from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)

from documents.base import Document


class Leg(EmbeddedDocument):
    account = StringField(required=True)
    """`wallet:<id>`, or the name of a house account such as `cash` or `clearing:recharge`."""
    amount = IntField(required=True)
    """Minor units of the entry's unit; what flows in is positive."""
    balance_after = IntField()
    """Wallet legs only: the wallet's balance after this leg."""
    seq = IntField()
    """Wallet legs only: the number of this leg in its wallet, from 1 without a gap."""


class LedgerEntry(Document):
    """Money that moved. Never edited or deleted: a correction is a new entry."""

    kind = StringField(required=True)
    reference = StringField(required=True)
    """Unique: the natural idempotency key, such as `recharge:812:charge`."""
    unit = StringField(required=True)
    legs = EmbeddedDocumentListField(Leg, required=True)
    reverses = StringField()
    """The reference of the entry that this one takes back."""
    actor = IntField()
    """The user who caused it; absent for the system itself."""
    memo = StringField(default="", max_length=500)
    created_at = DateTimeField(required=True)

    meta = {"collection": "ledger_entries", "indexes": [
        {"fields": ["reference"], "unique": True},
        ["legs.account", "legs.seq"],
        ["legs.account", "created_at", "_id"],
        # Not "$type": a partial index is read only when the query implies its filter, as equality implies this one.
        {"fields": ["reverses"], "unique": True, "partialFilterExpression": {"reverses": {"$gt": ""}}},
    ]}

    VALIDATOR = {
        "$expr": {"$and": [
            {"$gte": [{"$size": "$legs"}, 2]},
            {"$eq": [{"$sum": "$legs.amount"}, 0]},
        ]},
        "$jsonSchema": {
            "required": ["kind", "reference", "unit", "legs", "created_at"],
            "properties": {"legs": {"bsonType": "array", "items": {
                "required": ["account", "amount"],
                "properties": {"account": {"bsonType": "string"}, "amount": {"bsonType": ["int", "long"]}}}}}},
    }


class Seal(Document):
    """One link of the hash chain over the entries: which ones, in which order, and what came before."""

    number = IntField(primary_key=True)
    entries = ListField(ObjectIdField(), required=True)
    previous = StringField(required=True)
    """Hex SHA-256 of the seal before; 64 zeros for the first."""
    digest = StringField(required=True)
    created_at = DateTimeField(required=True)

    meta = {"collection": "seals", "indexes": [{"fields": ["entries"], "unique": True}]}

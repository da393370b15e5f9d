"""Rows with something in every field, so that a page which shows too much says so."""
from datetime import UTC, datetime
from typing import Any

import mongoengine as me
from bson import ObjectId

from documents.base import Document

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def row(document: type[Document]) -> dict[str, Any]:
    """A stored row of this document: texts say which field they stand in, `mark-<collection>-<path>`."""
    name = document.collection().name
    found = {field.db_field: value(field, f"mark-{name}-{key}") for key, field in document._fields.items()}
    if isinstance(document._fields[document._meta["id_field"]], me.StringField):
        found["_id"] = f"mark-{name}-id".ljust(36, "x")
    return found


def insert(document: type[Document]) -> dict[str, Any]:
    """Store such a row, past the validators: no rule of the business made it."""
    made = row(document)
    document.collection().insert_one(made, bypass_document_validation=True)
    return made


def value(field: Any, mark: str) -> Any:
    """What stands in one field."""
    if field.choices:
        return field.choices[0]
    kinds = {me.IntField: 7, me.BooleanField: True, me.DateTimeField: AT, me.BinaryField: mark.encode(),
             me.DictField: {"inside": mark}}
    if type(field) in kinds:
        return kinds[type(field)]
    if isinstance(field, me.ObjectIdField):
        return ObjectId()
    if isinstance(field, me.EmbeddedDocumentField):
        return {inner.db_field: value(inner, f"{mark}.{key}") for key, inner in field.document_type._fields.items()}
    if isinstance(field, me.ListField):
        return [value(field.field, mark)] if field.field is not None else [mark]
    return mark

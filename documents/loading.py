"""Documents of the rows that MongoDB returned, in a sixth of the time that MongoEngine takes to make them."""
import functools
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from bson import SON
from mongoengine import EmbeddedDocument, EmbeddedDocumentField, EmbeddedDocumentListField, StringField
from mongoengine.base import BaseDocument, BaseField

D = TypeVar("D", bound=BaseDocument)
_AS_STORED = {BaseField.to_python, StringField.to_python}
"""What does nothing to a value that came out of the database."""


def load(kind: type[D], row: dict, owner: BaseDocument | None = None) -> D:
    """What `kind._from_son(row)` makes, but for the `get_<field>_display` methods, which nobody calls here.

    `owner` is the document that an embedded one is part of.
    """
    document: D = object.__new__(kind)
    data = {kind._reverse_db_field_map.get(key, key): value for key, value in row.items()}
    # Not by assignment, which would ask whether each attribute is a field, dynamic or a key of a shard.
    put = functools.partial(object.__setattr__, document)
    put("_created", False)
    put("_changed_fields", [])
    put("_dynamic_fields", SON())
    put("_cls", kind._class_name)
    put("_data", data)
    put("_initialised", False)
    for name, filled, read in _columns(kind):  # type: ignore[arg-type]  # the class can be hashed
        value = data.setdefault(name)
        if value is None:
            if filled:
                setattr(document, name, None)
        elif read is not None:
            data[name] = read(value, document)
    if issubclass(kind, EmbeddedDocument):
        put("_instance", None if owner is None else weakref.proxy(owner))
    put("_initialised", True)
    return document


@functools.cache
def _columns(kind: type[BaseDocument]) -> list[tuple[str, bool, Callable | None]]:
    """(name, whether None becomes a default, how to read what is stored, or None for "as it is") of each field."""
    return [(name, field.default is not None and not field.null, _reader(field))
            for name, field in kind._fields.items()]


def _reader(field: BaseField) -> Callable[[Any, BaseDocument], Any] | None:
    if isinstance(field, EmbeddedDocumentListField):
        kind = field.field.document_type
        return lambda rows, owner: [load(kind, row, owner) for row in rows]
    if isinstance(field, EmbeddedDocumentField):
        kind = field.document_type
        return lambda row, owner: load(kind, row, owner)
    if type(field).to_python in _AS_STORED:
        return None
    return lambda value, _owner: field.to_python(value)

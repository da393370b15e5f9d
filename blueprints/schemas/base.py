"""The schema every body, query and reply is described with: forgiving about extra keys, quick at writing rows."""
import functools
from collections.abc import Callable, Iterable
from typing import Any

import marshmallow
from marshmallow import EXCLUDE, missing
from marshmallow.fields import Field, List

REQUIRED = "This field is required."
NULL = "This field may not be null."


class Schema(marshmallow.Schema):
    """Ignores unknown keys on the way in. On the way out every declared key is written, absent values as null.

    Rows may be documents or the plain dicts MongoDB returned: there the key `id` also finds `_id`.
    """

    class Meta:
        unknown = EXCLUDE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lists = frozenset(field.data_key or name for name, field in self.load_fields.items()
                               if isinstance(field, List))
        """The keys under which several values may be sent."""
        self._plan = [_column(self, name, field) for name, field in self.dump_fields.items()]

    def on_bind_field(self, field_name: str, field_obj: Field) -> None:
        field_obj.error_messages = {**field_obj.error_messages, "required": REQUIRED, "null": NULL}

    def dump(self, obj: Any, *, many: bool | None = None) -> dict | list[dict]:
        """The wire form of one object, or of each in `obj` with `many`.

        marshmallow's own dump costs more than the query behind a page of rows, so the columns are worked out once.
        """
        if self.many if many is None else many:
            return [self._row(item) for item in _iterable(obj)]
        return self._row(obj)

    def _row(self, item: Any) -> dict:
        read = item.get if isinstance(item, dict) else lambda name: getattr(item, name, None)
        row = {}
        for key, attribute, default, plain, write in self._plan:
            if attribute is None:
                row[key] = write(item)
                continue
            value = read(attribute)
            if value is None and attribute == "id":
                value = read("_id")
            if value is None:
                row[key] = default
            else:
                row[key] = value if plain else write(value)
        return row


def _column(schema: Schema, name: str, field: Field) -> tuple[str, str | None, Any, bool, Callable]:
    """(key, attribute or None for computed fields, value when absent, written as it is, how to write it)."""
    key = field.data_key or name
    attribute = field.attribute or name
    default = None if field.dump_default is missing or callable(field.dump_default) else field.dump_default
    if not field._CHECK_ATTRIBUTE or _own_serialize(type(field)):
        return key, None, default, False, lambda item: _or_none(field.serialize(name, item, schema.get_attribute))
    write = getattr(field, "write", None) or functools.partial(field._serialize, attr=name, obj=None)
    if "." in attribute:
        return key, None, default, False, lambda item: _written(
            schema.get_attribute(item, attribute, None), write, default)
    return key, attribute, default, getattr(field, "plain", False), write


def _own_serialize(kind: type[Field]) -> bool:
    """Whether a field class writes by an `_serialize` of its own, which may look at the whole row."""
    for ancestor in kind.__mro__:
        if "write" in vars(ancestor) or ancestor.__module__.startswith("marshmallow"):
            return False
        if "_serialize" in vars(ancestor):
            return True
    return False


def _written(value: Any, write: Callable, default: Any) -> Any:
    return default if value is None else write(value)


def _or_none(value: Any) -> Any:
    return None if value is missing else value


def _iterable(obj: Any) -> Iterable:
    return () if obj is None else obj

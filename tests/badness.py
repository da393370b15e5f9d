"""What a field of each kind must not hold, worked out from the field: JSON texts for bodies, words for queries."""
import json
from collections.abc import Iterator
from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from blueprints.schemas import fields as ours
from blueprints.schemas.auth import CodeField
from blueprints.schemas.base import Schema
from documents import money

HUGE = "1" + "0" * 40
LONG = "x" * 10_000
NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1.001", "-1.5", HUGE, f"-{HUGE}"]
TEXTS = ["a\x00b", "\ud800", LONG]
OBJECTS = ['{"$ne": ""}', '{"$gt": 0}', '[{"$ne": ""}]', "[[]]"]

_KINDS: list[tuple[type, list[Any]]] = [
    (ours.BoolField, ["maybe", 7, [], {}]),
    (ours.IntField, [True, 1.5, "abc", "1.0", [], {}]),
    (ours.MoneyField, [True, "1.234", "1e2", "abc", "", [], {}]),
    (ours.ChoiceField, ["no-such-choice", True, 7, []]),
    (ours.DateField, ["yesterday", "2026-02-30", True, 7]),
    (ours.TimeField, ["yesterday", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-12:00", True, 7]),
    (ours.EmailField, ["nobody", "a@b@c", True, 7]),
    (ours.PhoneField, ["12", "+0000000000000", True, 7]),
    (CodeField, [True, -1]),
    (ours.Str, [True, 7]),
    (fields.List, ["x", 7, True]),
    (fields.Nested, ["x", 7, True]),
    (fields.Dict, ["x", 7, True]),
]


def texts(field: fields.Field) -> Iterator[str]:
    """JSON texts that a body must not hold for `field`."""
    yield from NUMBERS
    yield from map(json.dumps, TEXTS)
    yield from OBJECTS if not isinstance(field, (fields.Nested, fields.Dict)) else OBJECTS[2:]
    yield from map(json.dumps, [*_of_kind(field), *_beyond(field)])
    yield from _inside(field)


def words(field: fields.Field) -> Iterator[str]:
    """What a query string must not say for `field`."""
    yield from ("a\x00b", LONG)
    if isinstance(field, (ours.IntField, ours.MoneyField, ours.BoolField)):
        yield from NUMBERS
    # A query is text: the number 7 and the word "7" are the same there, and a blank is as good as nothing.
    for word in [*_of_kind(field), *_beyond(field)]:
        if word != "" and (isinstance(word, str) or type(word) is int and isinstance(field, ours.IntField)):
            yield str(word)


def _of_kind(field: fields.Field) -> list[Any]:
    return next((bad for kind, bad in _KINDS if isinstance(field, kind)), [])


def _beyond(field: fields.Field) -> Iterator[Any]:
    """One step outside each bound that the field has."""
    if isinstance(field, ours.MoneyField):
        yield from (money.text(field.minimum - 1), money.text(field.maximum + 1))
    if isinstance(field, ours.IntField):
        ranges = [rule for rule in field.validators if isinstance(rule, Range)]
        yield from (rule.min - 1 for rule in ranges if rule.min is not None)
        yield from (rule.max + 1 for rule in ranges if rule.max is not None)


def _inside(field: fields.Field) -> Iterator[str]:
    """A list with a bad member, an object with a bad field."""
    if isinstance(field, fields.List):
        yield from (f"[{bad}]" for bad in texts(field.inner))
    if isinstance(field, fields.Nested):
        inner: Schema = field.schema
        for name, part in inner.load_fields.items():
            key = json.dumps(part.data_key or name)
            yield from (f"{{{key}: {bad}}}" for bad in texts(part))

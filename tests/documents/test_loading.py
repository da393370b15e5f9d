"""documents/loading.py makes the same documents as MongoEngine's own loader, only faster."""
import datetime

import pytest
from bson import SON, ObjectId
from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from mongoengine.base import BaseDocument

from documents.loading import load
from documents.recharges import Attempt
from services import schema

SAMPLES = {
    StringField: "text", IntField: 7, BooleanField: True, ObjectIdField: ObjectId(), DictField: {"a": [1, {"b": 2}]},
    DateTimeField: datetime.datetime(2026, 11, 21, 3, 0, tzinfo=datetime.UTC)}
KINDS = sorted(schema.documents(), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("filled", [True, False], ids=["filled", "empty"])
def test_a_row_becomes_what_mongoengine_makes_of_it(kind, filled):
    row = _row(kind) if filled else {"_id": 1}
    row["of_a_later_version"] = 1
    assert _facts(load(kind, row)) == _facts(kind._from_son(SON(row)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_loaded_document_goes_back_as_it_came(kind):
    row = _row(kind)
    assert load(kind, row).to_mongo().to_dict() == kind._from_son(SON(row)).to_mongo().to_dict()


def test_a_part_can_be_made_by_itself_and_added():
    loaded = load(Attempt, {"number": 1, "upline": {"user": 4, "amount": 10}})
    assert (loaded.number, loaded.upline.amount, loaded.coupon, loaded._instance) == (1, 10, None, None)


def test_documents_share_no_defaults():
    lists = next(kind for kind in KINDS if any(type(field) is ListField for field in kind._fields.values()))
    name = next(name for name, field in lists._fields.items() if type(field) is ListField)
    assert load(lists, {"_id": 1})._data[name] is not load(lists, {"_id": 2})._data[name]


def _row(kind: type[BaseDocument]) -> dict:
    return {field.db_field: _value(field) for field in kind._fields.values()}


def _value(field):
    if isinstance(field, EmbeddedDocumentListField):
        return [_row(field.field.document_type)] * 2
    if isinstance(field, EmbeddedDocumentField):
        return _row(field.document_type)
    if isinstance(field, ListField):
        return [_value(field.field)] if field.field else ["text"]
    return SAMPLES.get(type(field), b"bytes")


def _facts(value):
    """Everything a document knows of itself and of its parts, to be compared."""
    if isinstance(value, BaseDocument):
        own = {name: getattr(value, name) for name in ("_created", "_initialised", "_changed_fields", "_cls")}
        # Read as views read them: MongoEngine wraps lists and dicts at the first look.
        seen = {name: _facts(getattr(value, name)) for name in value._fields}
        return type(value), own, seen, sorted(value._data), getattr(value, "_instance", None) is None
    if isinstance(value, list):
        return type(value), [_facts(item) for item in value]
    return type(value), value

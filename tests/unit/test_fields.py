"""What each field of the wire format takes, gives and refuses."""
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema as AnySchema
from marshmallow import ValidationError, fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import (
    BoolField,
    ChoiceField,
    DateField,
    EmailField,
    FigureField,
    Id,
    IntField,
    JsonField,
    MoneyField,
    PercentField,
    PhoneField,
    Str,
    TimeField,
)
from config import settings
from config.settings import Settings


@pytest.fixture(autouse=True, scope="module")
def _settings():
    settings.use(Settings.load({"APP_ENV": "test", "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmn"}))


def load(field: fields.Field, value: object) -> object:
    return AnySchema.from_dict({"x": field})().load({"x": value})["x"]


@pytest.mark.parametrize(("field", "value", "loaded"), [
    (MoneyField(), "10.50", 1050), (MoneyField(), 10, 1000), (MoneyField(), Decimal("10.5"), 1050),
    (MoneyField(minimum=0), "0", 0), (PercentField(), "5.50", 550), (PercentField(), 100, 10_000),
    (IntField(), "7", 7), (IntField(), -7, -7), (Id(), 2**63 - 1, 2**63 - 1),
    (BoolField(), "False", False), (BoolField(), True, True), (Str(), "  a ", "a"), (Str(blank=True), " ", ""),
    (Str(trim=False), " a ", " a "), (ChoiceField(["CASH"], upper=True), "cash", "CASH"),
    (DateField(), "2026-02-28", date(2026, 2, 28)), (PhoneField(), "98765 43210", "+919876543210"),
    (PhoneField(), "+1 650-253-0000", "+16502530000"), (EmailField(), " Shop@Example.COM ", "shop@example.com"),
    (TimeField(), "2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
    (TimeField(), "2026-01-01T00:00:00+05:30", datetime(2025, 12, 31, 18, 30, tzinfo=UTC)),
    (TimeField(), "2026-01-01", datetime(2025, 12, 31, 18, 30, tzinfo=UTC)),
    (JsonField(), {"a": [Decimal("1.5"), {"b": None}]}, {"a": [1.5, {"b": None}]}),
])
def test_what_is_taken(field: fields.Field, value: object, loaded: object) -> None:
    assert load(field, value) == loaded


OPERATOR = {"$ne": ""}


@pytest.mark.parametrize(("field", "values"), [
    (MoneyField(), [1.5, "1.555", "1e3", "NaN", "", " 1", "0", "-1", "١", True, None, OPERATOR, "100000000", [1]]),
    (PercentField(), ["100.01", "-1", "1.001", OPERATOR]),
    (IntField(min=0, max=5), ["x", "1.0", 1.5, True, None, 6, -1, 2**63, "9" * 30, "²", OPERATOR, [1]]),
    (Id(), [0, -1, "0"]),
    (BoolField(), ["yes", 1, 0, None, OPERATOR]),
    (Str(max=3), ["abcd", "", "  ", 5, None, OPERATOR, ["a"], "a\x00", "\ud800"]),
    (Str(min=3), ["ab"]),
    (ChoiceField(["a"]), ["b", "A", OPERATOR, ["a"], None]),
    (DateField(), ["2026-02-30", "20260228", "2026-2-8", 5, OPERATOR, "2026-02-28T00:00:00"]),
    (PhoneField(), ["123", "phone", "+9198765432101234", OPERATOR, 9876543210, "98765 43210 ext. 5"]),
    (EmailField(), ["a", "a@b", "a b@c.de", "a@c.de\x00", OPERATOR, "a" * 250 + "@c.de", "a@-c.de", "é@c.de"]),
    (TimeField(), ["x", 5, "2026-13-01", "0001-01-01T00:00:00+14:00", OPERATOR, "9999-12-31T23:59:59-14:00"]),
    (JsonField(), [[], "x", {"$ne": 1}, {"a.b": 1}, {"a": 2**64}, {"a": "\x00"}, {"a": [0] * 300}, {"": 1}]),
])
def test_what_is_refused(field: fields.Field, values: list) -> None:
    for value in values:
        with pytest.raises(ValidationError) as refusal:
            load(field, value)
        assert list(refusal.value.normalized_messages()) == ["x"], value


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_value_makes_a_field_fail_otherwise(value: object) -> None:
    for field in (MoneyField(), IntField(), BoolField(), Str(), ChoiceField(["a"]), DateField(), PhoneField(),
                  EmailField(), TimeField(), JsonField()):
        try:
            load(field, value)
        except ValidationError:
            continue


class Inner(Schema):
    amount = MoneyField()


class Row(Schema):
    id = Id()
    amount = MoneyField()
    share = PercentField()
    total = FigureField()
    at = TimeField()
    note = Str()
    shown = fields.Function(lambda row: "yes")
    inner = fields.Nested(Inner)
    many = fields.List(fields.Nested(Inner))
    tagged = Str(data_key="label", attribute="tag", dump_default="none")


class Thing:
    id, amount, share, total, note, inner, many, tag = 7, 105, 550, 12345, None, {"amount": 1}, [{"amount": 2}], "t"
    at = datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))


WRITTEN = {"id": 7, "amount": "1.05", "share": "5.50", "total": 123.45, "at": "2026-01-01T00:00:00.000Z", "note": None,
           "shown": "yes", "inner": {"amount": "0.01"}, "many": [{"amount": "0.02"}], "label": "t"}


def test_a_document_and_a_stored_row_are_written_alike() -> None:
    stored = {name: getattr(Thing, name) for name in ("amount", "share", "total", "at", "inner", "many", "tag")}
    assert Row().dump(Thing()) == WRITTEN
    assert Row().dump({"_id": 7, **stored}) == WRITTEN
    assert Row().dump([Thing(), Thing()], many=True) == [WRITTEN, WRITTEN]


def test_absent_values_are_null_or_their_default() -> None:
    written = Row().dump({"_id": 1})
    assert (written["amount"], written["inner"], written["many"], written["label"]) == (None, None, None, "none")
    assert set(written) == set(WRITTEN)


def test_missing_and_null_are_told_in_plain_words() -> None:
    class In(Schema):
        a = Str(required=True)
        b = fields.List(Str(), required=True)

    assert In().validate({"b": None}) == {"a": ["This field is required."], "b": ["This field may not be null."]}


def test_an_amount_below_a_dotted_name_is_written_like_any_other():
    class Out(Schema):
        total = MoneyField(attribute="order.total")
        figure = FigureField(attribute="order.total")

    assert Out().dump({"order": {"total": 5000}}) == {"total": "50.00", "figure": 50.0}
    assert Out().dump({"order": {}}) == {"total": None, "figure": None}

"""Whatever a field must not hold is a 400 that names it, with nothing written: asked of every field there is."""
import dataclasses
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import UUIDConverter

from blueprints import BLUEPRINTS
from blueprints.paths import IntConverter
from blueprints.schemas.base import Schema
from config import settings as settings_in_use
from config.settings import Settings
from documents import clock
from services.gateways.operators import signatures
from tests import badness
from tests.people import People
from tests.queries import counted

JSON = "application/json"
WRITES = {"insert", "update", "findAndModify", "delete", "bulkWrite"}
ABSENT = {IntConverter: 7_777_777, UUIDConverter: UUID(int=7)}
SECRET = "an-operator-secret-of-some-length"


class Asked(NamedTuple):
    """One schema that one route reads."""

    endpoint: str
    method: str
    schema: Schema

    def __str__(self) -> str:
        return f"{self.endpoint}-{self.method}-{type(self.schema).__name__}"


def asked(location: str) -> Iterator[Asked]:
    """Every schema that a route reads from its body (`json`) or its query."""
    for blp in BLUEPRINTS:
        for endpoint, methods in blp._docs.items():
            for method, about in methods.items():
                for told in (about.get("arguments", {}).get("parameters", []) if method != "parameters" else []):
                    if told["in"] == location:
                        schema = told["schema"]
                        yield Asked(f"{blp.name}.{endpoint}", method, schema() if isinstance(schema, type) else schema)


@pytest.fixture
def admin(people: People, settings: Settings) -> Iterator[FlaskClient]:
    """May everything, so that nothing but its input can be wrong; the operator's secret is known too."""
    settings_in_use.use(dataclasses.replace(settings, operator_secret=SECRET))
    speaking = people.client_of(people.admin())
    speaking.get("/livez")
    yield speaking
    settings_in_use.use(settings)


def path_of(app: Flask, asked: Asked) -> str:
    """The route's path; what it names does not exist, so that input is judged before anything is looked up."""
    rule = next(rule for rule in app.url_map.iter_rules(asked.endpoint) if asked.method.upper() in rule.methods)
    adapter = app.url_map.bind("localhost")
    return adapter.build(asked.endpoint, {name: ABSENT.get(type(rule._converters[name]), "7" * 24)
                                          for name in rule.arguments}, method=asked.method.upper())


def send(client: FlaskClient, app: Flask, route: Asked, raw: bytes, content_type: str = JSON):
    """One call with this body, signed as the operator would; what it wrote is told with its answer."""
    with counted() as commands:
        answer = client.open(path_of(app, route), method=route.method.upper(), data=raw, content_type=content_type,
                             headers=signatures.headers(SECRET, raw, clock.now()))
    return answer, sorted(WRITES & set(commands))


@pytest.mark.parametrize("route", list(asked("json")), ids=str)
def test_no_field_of_a_body_takes_what_it_must_not_hold(app: Flask, admin: FlaskClient, route: Asked) -> None:
    wrong = []
    for name, field in route.schema.load_fields.items():
        key = field.data_key or name
        for bad in badness.texts(field):
            answer, written = send(admin, app, route, f'{{"{key}": {bad}}}'.encode())
            if answer.status_code != 400 or key not in answer.json["errors"] or written:
                wrong.append(f"{key}: {bad[:60]} gives {answer.status_code} {answer.text[:150]} {written}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("route", list(asked("json")), ids=str)
def test_a_missing_field_is_named_and_null_is_refused_or_as_good_as_missing(
        app: Flask, admin: FlaskClient, route: Asked) -> None:
    sent = {field.data_key or name: field for name, field in route.schema.load_fields.items()}
    required = {name for name, field in sent.items() if field.required and not route.schema.partial}
    missing, written = send(admin, app, route, b"{}")
    assert missing.status_code < 500
    assert required <= set(missing.json.get("errors", {}))
    assert not (required and written)
    for name, field in sent.items():
        if not field.allow_none:
            null, written = send(admin, app, route, f'{{"{name}": null}}'.encode())
            named = null.status_code == 400 and name in null.json["errors"]
            assert named or (null.status_code, null.json.get("errors")) == (
                missing.status_code, missing.json.get("errors")), f"{name}: {null.text[:200]}"
            assert not (named and written)
        for blank in (b'""', b'" "', b"{}", b"[]", b"0"):
            answer, _ = send(admin, app, route, b'{"%s": %s}' % (name.encode(), blank))
            assert answer.status_code < 500, f"{name}: {blank!r}: {answer.text[:200]}"


@pytest.mark.parametrize("route", list(asked("json")), ids=str)
def test_no_body_that_is_no_object_is_read(app: Flask, admin: FlaskClient, route: Asked) -> None:
    for raw, content_type, statuses in [
            (b"{", JSON, {400}), (b"[]", JSON, {400}), (b'"text"', JSON, {400}), (b"null", JSON, {400}),
            (b"\xff\xfe", JSON, {400}), (b'{"a":' * 50_000, JSON, {400}), (b"[" * 100_000, JSON, {400}),
            (b'{"a": 1e999999999999999999999}', JSON, {400}), (b"<a/>", "application/xml", {415}),
            (b'{"a": "' + b"x" * 2 * 1024 * 1024 + b'"}', JSON, {413})]:
        answer, written = send(admin, app, route, raw, content_type)
        assert answer.status_code in statuses, f"{raw[:40]!r}: {answer.text[:200]}"
        assert answer.json["code"]
        assert written == []


@pytest.mark.parametrize("route", list(asked("query")), ids=str)
def test_no_parameter_of_a_query_takes_what_it_must_not_say(app: Flask, admin: FlaskClient, route: Asked) -> None:
    path, wrong = path_of(app, route), []
    required = {field.data_key or name: "x" for name, field in route.schema.load_fields.items() if field.required}
    for name, field in route.schema.load_fields.items():
        key = field.data_key or name
        for bad in badness.words(field):
            answer = admin.get(path, query_string={**required, key: bad})
            if answer.status_code != 400 or key not in answer.json["errors"]:
                wrong.append(f"{key}={bad[:60]!r} gives {answer.status_code} {answer.text[:150]}")
    assert wrong == [], "\n".join(wrong)


def test_bytes_that_are_no_text_in_a_query_are_never_a_failure_of_ours(app: Flask, admin: FlaskClient) -> None:
    for route in asked("query"):
        for name, field in route.schema.load_fields.items():
            key = field.data_key or name
            for raw in (f"{key}=%ff%fe&{key}[$ne]=1", f"{key}=%ED%A0%80&{key}=2"):
                answer = admin.get(f"{path_of(app, route)}?{raw}")
                assert answer.status_code < 500, f"{route} {raw}: {answer.text[:200]}"

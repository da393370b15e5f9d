"""Every route refuses in the one shape, and public routes look at no Authorization header."""
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.people import People
from tests.proofs.access import TABLE
from tests.proofs.cast import Cast
from tests.proofs.rules import PUBLIC, Row

NOBODY = "00000000-0000-0000-0000-000000000007"
KEYS = {"type", "title", "status", "detail", "code", "request_id", "errors", "error", "message"}
BROKEN = ["Bearer", "Bearer ", "Bearer x.y.z", "Bearer a b", "Basic dTpw", "junk", "Bearer \xff",
          "Bearer " + "x" * 5_000]
GARBAGE: list[dict] = [
    {}, {"data": "{junk", "content_type": "application/json"}, {"json": [{"$ne": ""}]},
    {"data": b"\x00\xff", "content_type": "text/plain"}, {"query_string": {"page": "0", "format": "\x00"}}]


def call(client: FlaskClient, row: Row, **sent) -> TestResponse:
    return client.open(row.at(NOBODY), method=row.method, buffered=True, **sent)


def is_a_refusal(answer: TestResponse) -> bool:
    body = answer.json
    return (answer.mimetype == "application/json" and set(body) >= KEYS and body["status"] == answer.status_code
            and body["error"] == body["message"] == body["detail"] and isinstance(body["errors"], dict)
            and body["request_id"] == answer.headers["X-Request-Id"] and answer.status_code < 500)


@pytest.mark.parametrize("role", ["anonymous", "client", "admin"])
def test_every_refusal_has_the_one_shape(people: People, role: str) -> None:
    client, wrong = Cast(people).client(role), []
    for row in TABLE:
        for sent in GARBAGE:
            answer = call(client, row, **sent)
            if answer.status_code >= 400 and not is_a_refusal(answer):
                wrong.append(f"{row.route} {sent}: {answer.status_code} {answer.text[:200]}")
    assert wrong == [], "\n".join(wrong)


def test_a_method_that_a_route_does_not_have_is_refused_in_the_same_shape(client: FlaskClient) -> None:
    methods: dict[str, set[str]] = {}
    for row in TABLE:
        methods.setdefault(row.path, set()).add(row.method)
    for row in TABLE:
        for method in {"POST", "PUT", "PATCH", "DELETE"} - methods[row.path]:
            answer = call(client, Row(f"{method} {row.path}", row.rule))
            assert answer.status_code in (404, 405), f"{method} {row.path}"
            assert is_a_refusal(answer)


@pytest.mark.parametrize("row", [row for row in TABLE if row.rule is PUBLIC], ids=lambda row: row.route)
def test_a_public_route_ignores_a_broken_authorization(app: Flask, row: Row) -> None:
    client = app.test_client()
    sent = {"json": row.body} if row.body else {}
    without = call(client, row, **sent)
    for header in BROKEN:
        answer = call(client, row, headers={"Authorization": header}, **sent)
        assert answer.status_code == without.status_code, f"{header}: {answer.text[:200]}"

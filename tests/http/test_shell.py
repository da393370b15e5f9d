"""Bodies in, replies out, guards, limits, and what the OpenAPI says of them."""
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import settings as settings_in_use
from config.settings import Settings
from documents.sessions import Session
from documents.users import User
from tests.http.toys import token, toy_app
from tests.people import People
from tests.queries import counted

JSON = "application/json"


@pytest.fixture(scope="module")
def toy(app: Flask, settings: Settings) -> Flask:
    return toy_app(settings)


@pytest.fixture
def toys(toy: Flask) -> FlaskClient:
    return toy.test_client()


def bearer(toy: Flask, user: User, **changed: object) -> dict:
    return {"Authorization": f"Bearer {token(toy, user, **changed)}"}


@pytest.mark.parametrize("sent", [
    {"json": {"amount": "10.5", "count": 3, "on": True}},
    {"json": {"amount": 10.5, "count": "3", "on": "true"}},
    {"data": {"amount": "10.50", "count": "3", "on": "1"}},
    {"data": {"amount": "10.50", "count": "3", "on": "True"}, "content_type": "multipart/form-data"},
    {"data": '{"amount": 10.50, "count": 3, "on": true, "unknown": {"$ne": 1}}', "content_type": "application/json"},
    {"data": '{"amount": 10.50, "count": 3, "on": true}', "content_type": ""},
])
def test_json_and_forms_say_the_same(toys: FlaskClient, sent: dict) -> None:
    answer = toys.post("/api/toys/", **sent)
    assert answer.status_code == 201, answer.json
    assert answer.json == {"amount": "10.50", "count": 3, "title": None, "on": True, "tags": None}


def test_a_form_may_repeat_a_list(toys: FlaskClient) -> None:
    answer = toys.post("/api/toys/", data={"amount": "1", "tags": ["a", "b"]})
    assert answer.json["tags"] == ["a", "b"]


@pytest.mark.parametrize(("body", "field"), [
    ("", "amount"), ("{}", "amount"), ("[]", "non_field_errors"), ("3", "non_field_errors"),
    ("null", "non_field_errors"), ("{", "non_field_errors"), ('{"amount": NaN}', "amount"),
    ('{"amount": Infinity}', "amount"), ("[" * 100_000, "non_field_errors"), ("\xff", "non_field_errors"),
    ('{"amount": 1e999999999999999999999}', "non_field_errors"), ('{"amount": ' + "9" * 5000 + "}", "non_field_errors"),
    ('{"amount": 1e2}', "amount"), ('{"amount": 10.555}', "amount"), ('{"amount": "-1"}', "amount"),
    ('{"amount": true}', "amount"), ('{"amount": {"$gt": ""}}', "amount"), ('{"amount": null}', "amount"),
    ('{"amount": "100000000.00"}', "amount"), ('{"amount": "0.00"}', "amount"),
    ('{"amount": 1, "count": {"$ne": ""}}', "count"), ('{"amount": 1, "count": 1.0}', "count"),
    ('{"amount": 1, "count": 11}', "count"), ('{"amount": 1, "count": true}', "count"),
    ('{"amount": 1, "title": {"$ne": ""}}', "title"), ('{"amount": 1, "title": "a\\u0000b"}', "title"),
    ('{"amount": 1, "title": "\\ud800"}', "title"), ('{"amount": 1, "title": "  "}', "title"),
    ('{"amount": 1, "title": "12345678901"}', "title"), ('{"amount": 1, "title": 5}', "title"),
    ('{"amount": 1, "on": "yes"}', "on"), ('{"amount": 1, "on": 2}', "on"), ('{"amount": 1, "tags": "a"}', "tags"),
    ('{"amount": 1, "tags": ["toolong"]}', "tags"),
])
def test_a_bad_body_is_a_400_that_names_the_field(toys: FlaskClient, body: str, field: str) -> None:
    answer = toys.post("/api/toys/", data=body.encode("latin-1"), content_type=JSON)
    assert answer.status_code == 400
    assert answer.json["code"] == "validation_error"
    assert list(answer.json["errors"]) == [field]


def test_other_media_types_and_large_bodies_are_refused(toys: FlaskClient) -> None:
    assert toys.post("/api/toys/", data="amount: 1", content_type="text/plain").json["code"] == "unsupported_media_type"
    large = toys.post("/api/toys/", data=b" " * (1024 * 1024 + 1), content_type=JSON)
    assert (large.status_code, large.json["code"]) == (413, "body_too_large")


def test_an_empty_answer_is_empty(toys: FlaskClient) -> None:
    answer = toys.delete("/api/toys/7/")
    assert (answer.status_code, answer.data) == (204, b"")
    assert toys.delete("/api/toys/9223372036854775808/").status_code == 404


def test_who_is_signed_in_gets_in(toy: Flask, toys: FlaskClient, people: People) -> None:
    user = people.client()
    headers = bearer(toy, user)
    with counted() as commands:
        assert toys.get("/api/toys/mine/", headers=headers).json == {"id": user.id}
    assert commands == ["aggregate"], "one read says both that the session lives and who the user is"


@pytest.mark.parametrize(("header", "code"), [
    (None, "not_authenticated"), ("Basic dTpw", "not_authenticated"), ("Bearer", "token_not_valid"),
    ("Bearer ", "token_not_valid"), ("Bearer x.y.z", "token_not_valid"), ("Bearer a b", "token_not_valid"),
    ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "token_not_valid")])
def test_401_says_why(toys: FlaskClient, header: str | None, code: str) -> None:
    answer = toys.get("/api/toys/mine/", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("changed", [
    {"exp": 1}, {"exp": "soon"}, {"token_type": "refresh"}, {"sid": {"$ne": ""}}, {"sid": "other"}, {"user_id": "1"},
    {"user_id": 999_999}, {"exp": None}])
def test_a_token_must_be_right_in_every_claim(toy: Flask, toys: FlaskClient, people: People, changed: dict) -> None:
    answer = toys.get("/api/toys/mine/", headers=bearer(toy, people.client(), **changed))
    assert (answer.status_code, answer.json["code"]) == (401, "token_not_valid")


def test_a_token_expires_by_the_clock_of_the_documents(
        toy: Flask, toys: FlaskClient, people: People, move_clock) -> None:
    headers = bearer(toy, people.client())
    move_clock(timedelta(seconds=601))
    assert toys.get("/api/toys/mine/", headers=headers).json["code"] == "token_not_valid"


def test_an_ended_session_and_a_disabled_user_are_out_at_once(toy: Flask, toys: FlaskClient, people: People) -> None:
    user = people.client()
    headers = bearer(toy, user)
    Session.end_all(user.id)
    assert toys.get("/api/toys/mine/", headers=headers).json["code"] == "token_not_valid"
    headers = bearer(toy, user)
    User.change({"_id": user.id}, {"$set": {"is_active": False}})
    assert toys.get("/api/toys/mine/", headers=headers).json["code"] == "user_inactive"


def test_the_cookie_does_as_well_but_not_for_a_foreign_page(toy: Flask, toys: FlaskClient, people: People) -> None:
    toys.set_cookie("token", token(toy, people.admin()))
    assert toys.get("/api/toys/mine/").status_code == 200
    sent = {"json": {"amount": "1"}}
    assert toys.post("/api/toys/mine/", **sent).status_code == 201
    for origin, status in (("http://localhost", 201), ("http://localhost:3000", 201), ("null", 403),
                           ("https://evil.example", 403), ("http://localhost.evil.example", 403)):
        answer = toys.post("/api/toys/mine/", headers={"Origin": origin}, **sent)
        assert answer.status_code == status, origin
    assert answer.json["code"] == "origin_not_allowed"


def test_a_bad_header_is_not_rescued_by_a_good_cookie(toy: Flask, toys: FlaskClient, people: People) -> None:
    toys.set_cookie("token", token(toy, people.client()))
    assert toys.get("/api/toys/mine/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_401_and_403_come_before_400(toy: Flask, toys: FlaskClient, people: People) -> None:
    assert toys.post("/api/toys/mine/", json={"amount": "junk"}).status_code == 401
    answer = toys.post("/api/toys/mine/", json={"amount": "junk"}, headers=bearer(toy, people.client()))
    assert (answer.status_code, answer.json["code"]) == (403, "permission_denied")


def test_public_routes_never_look_at_the_header(toys: FlaskClient) -> None:
    answer = toys.post("/api/toys/", json={"amount": "1"}, headers={"Authorization": "Bearer expired"})
    assert answer.status_code == 201


def test_a_limited_route_says_where_the_caller_stands(toys: FlaskClient, settings: Settings) -> None:
    settings_in_use.use(_limited(settings))
    try:
        answers = [toys.get("/api/toys/limited/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert answers[2].json["code"] == "rate_limited"
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
        assert "Retry-After" not in answers[0].headers
        other = toys.get("/api/toys/limited/", environ_base={"REMOTE_ADDR": "10.0.0.9"})
        assert other.status_code == 200
        spoofed = toys.get("/api/toys/limited/", headers={"X-Forwarded-For": "10.0.0.77"})
        assert spoofed.status_code == 429, "without a trusted proxy the header counts for nothing"
    finally:
        settings_in_use.use(settings)


def test_limits_can_be_lifted(toys: FlaskClient) -> None:
    assert {toys.get("/api/toys/limited/").status_code for _ in range(5)} == {200}


def test_without_redis_a_limited_route_is_closed_and_others_stay_open(app: Flask, settings: Settings) -> None:
    away = replace(settings, ratelimit_enabled=True, redis_url="redis://127.0.0.1:1/0")
    try:
        cut_off = toy_app(away).test_client()
        answer = cut_off.get("/api/toys/limited/")
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        assert cut_off.get("/api/health/").status_code == 200
    finally:
        create_app(settings)


def _limited(settings: Settings) -> Settings:
    return replace(settings, ratelimit_enabled=True)


def test_the_openapi_lists_every_refusal_of_a_route(toys: FlaskClient) -> None:
    document = toys.get("/openapi.json").json
    made = document["paths"]["/api/toys/mine/"]["post"]
    assert set(made["responses"]) == {"201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503",
                                      "default"}
    assert made["security"] == [{"bearer": []}, {"cookie": []}]
    assert "Idempotency-Key" in [parameter["name"] for parameter in made["parameters"]]
    assert set(made["requestBody"]["content"]) == {JSON, "application/x-www-form-urlencoded"}
    assert made["summary"] == "Answer what was sent."
    shown = document["paths"]["/api/toys/pages/"]["get"]
    assert {parameter["name"] for parameter in shown["parameters"]} == {
        "least", "page", "page_size", "search", "ordering"}
    problem = document["components"]["responses"]["CONFLICT"]["content"][JSON]
    assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert problem["example"]["code"] == "conflict"


def test_every_operation_has_an_id_of_its_own_and_a_final_slash(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    ids = [operation["operationId"] for path in document["paths"].values()
           for method, operation in path.items() if method != "parameters"]
    assert len(ids) == len(set(ids))
    assert [path for path in document["paths"] if path.startswith("/api/") and not path.endswith("/")] == []

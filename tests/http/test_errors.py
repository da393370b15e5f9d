"""One shape for every refusal, and a page that lists every code."""
import json
import subprocess
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.errors import ServerSelectionTimeoutError
from redis.exceptions import ConnectionError as RedisAway

from blueprints import errors
from blueprints.commands.docs import FOLDER, kinds
from config.settings import Settings
from tests.http.toys import FAILURES, toy_app

KEYS = {"type", "title", "status", "detail", "code", "request_id", "errors", "error", "message"}


@pytest.fixture(scope="module")
def toys(app: Flask, settings: Settings) -> FlaskClient:
    return toy_app(settings).test_client()


@pytest.mark.parametrize(("how", "status", "code"), [
    ("conflict", 409, "toy_out_of_stock"), ("unavailable", 503, "unavailable"), ("bug", 500, "internal_error"),
    ("huge", 400, "validation_error")])
def test_every_failure_has_the_one_shape(toys: FlaskClient, how: str, status: int, code: str) -> None:
    answer = toys.get(f"/api/toys/broken/{how}/")
    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert set(answer.json) == KEYS
    assert answer.json["error"] == answer.json["message"] == answer.json["detail"]
    assert answer.json["type"] == f"urn:purser:error:{code}"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert answer.mimetype == "application/json"
    assert "secret" not in answer.text


@pytest.mark.parametrize("failure", [ServerSelectionTimeoutError("10.0.0.1:27017"), RedisAway("10.0.0.1:6379")])
def test_a_server_that_is_away_is_503_and_stays_nameless(
        toys: FlaskClient, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    monkeypatch.setitem(FAILURES, "away", failure)
    answer = toys.get("/api/toys/broken/away/")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "10.0.0.1" not in answer.text


def test_problem_json_is_for_those_who_ask_for_it(toys: FlaskClient) -> None:
    answer = toys.get("/api/toys/broken/conflict/", headers={"Accept": "application/problem+json"})
    assert answer.mimetype == "application/problem+json"


def test_unknown_paths_and_methods(client: FlaskClient) -> None:
    unknown = client.get("/api/nothing/here/")
    assert (unknown.status_code, unknown.json["code"]) == (404, "route_not_found")
    wrong = client.post("/api/health")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    assert client.get("/api/health/%00/").status_code == 404


def test_one_message_is_the_detail_and_many_are_lists(toys: FlaskClient) -> None:
    one = toys.post("/api/toys/", json={}).json
    assert one["detail"] == "amount: This field is required."
    assert one["amount"] == one["errors"]["amount"] == ["This field is required."]
    two = toys.post("/api/toys/", json={"count": "x"}).json
    assert two["detail"] == "Some fields are not valid."
    assert set(two["errors"]) == {"amount", "count"}


def test_a_field_called_like_a_key_of_the_shape_does_not_break_it(toys: FlaskClient) -> None:
    body = toys.post("/api/toys/", json={"amount": "1", "title": ""}).json
    assert (body["title"], body["errors"]["title"]) == ("Bad Request", ["This field may not be blank."])


def test_nested_lists_keep_their_places(toys: FlaskClient) -> None:
    body = toys.post("/api/toys/", json={"amount": "1", "tags": ["ok", "toolong"]}).json
    assert body["errors"]["tags"] == {"1": ["Ensure this field has no more than 5 characters."]}


def test_a_code_has_one_status(app: Flask) -> None:
    statuses: dict[str, set[int]] = {}
    for kind in kinds():
        statuses.setdefault(kind.code, set()).add(errors.status_of(kind))
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}
    assert "error" not in statuses, "a refusal needs a code of its own or of its category"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """The pages as the command writes them: without the console, whose own refusals the API never answers."""
    script = "import json, app; from blueprints.commands.docs import pages; print(json.dumps(pages()))"
    return json.loads(subprocess.run([sys.executable, "-c", script], cwd=FOLDER.parent, check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)


@pytest.mark.parametrize("name", ["errors.md", "aliases.md"])
def test_the_generated_pages_are_up_to_date(written: dict[str, str], name: str) -> None:
    assert (FOLDER / name).read_text() == written[name], "run: flask docs write"

"""Old spellings reach the canonical route, without a redirect and without standing in the way of one."""
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.aliases import ALIASES, Resolver

PAIRS = [(alias, canonical) for canonical, aliases in ALIASES.items() for alias in aliases]


@pytest.fixture
def resolver(app: Flask) -> Resolver:
    return Resolver(app.wsgi_app, app.url_map)


@pytest.mark.parametrize(("alias", "canonical"), PAIRS)
def test_an_alias_is_its_canonical_path(resolver: Resolver, alias: str, canonical: str) -> None:
    sent, wanted = alias.replace("{id}", "7"), canonical.replace("{id}", "7")
    assert resolver.resolve(sent) == wanted
    assert resolver.resolve(sent.rstrip("/")) == wanted


def test_no_alias_hides_a_route(app: Flask) -> None:
    rules = {re.sub(r"<[^>]+>", "{id}", rule.rule) for rule in app.url_map.iter_rules()}
    assert rules & {alias for alias, _ in PAIRS} == set()
    assert len(PAIRS) == len({alias for alias, _ in PAIRS})
    assert set(ALIASES) & {alias for alias, _ in PAIRS} == set(), "an alias of an alias would not be resolved"


def test_aliases_stay_out_of_the_openapi(client: FlaskClient) -> None:
    assert set(client.get("/openapi.json").json["paths"]) & {alias for alias, _ in PAIRS} == set()


@pytest.mark.parametrize("path", ["/api/health/", "/api/health", "/health/", "/health"])
def test_with_and_without_api_and_slash(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json["status"]) == (200, "healthy")


@pytest.mark.parametrize("path", ["/livez", "/swagger/", "/swagger", "/metrics", "/openapi.json"])
def test_pages_at_the_root_stay_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["", "/", "//", "/api", "/api/", "//evil.example/", "/api//health/", "/nothing",
                                  "/api/support/supportupdate/a/b/status/", "/%00", "/login/x"])
def test_odd_paths_are_never_redirected(client: FlaskClient, path: str) -> None:
    assert client.get(path or "/").status_code in (200, 404)


def test_a_signup_by_the_oldest_path_reaches_the_service(client: FlaskClient) -> None:
    for path in ("/api/auth/signup/", "/signup", "/accounts/register/", "/auth/signup"):
        answer = client.post(path, json={})
        assert (answer.status_code, answer.json["code"]) == (400, "validation_error"), path

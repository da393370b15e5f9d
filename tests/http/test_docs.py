"""The documentation comes from here alone, and describes what is served."""
import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/openapi.json", "/swagger.json"])
def test_the_document_is_openapi(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.json["openapi"].startswith("3.")
    assert "Decimal" not in answer.text


@pytest.mark.parametrize("path", ["/", "/swagger/", "/redoc/"])
def test_every_script_and_style_of_a_page_is_served_here(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.mimetype == "text/html"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert assets
    for asset in assets:
        assert asset.startswith("/docs-assets/")
        with client.get(asset) as answer:
            assert answer.status_code == 200
            assert len(answer.data) > 30
    assert "<script>" not in page.text, "the policy would refuse it"


def test_assets_do_not_lead_out_of_their_folder(client: FlaskClient) -> None:
    for path in ("../__init__.py", "..%2f__init__.py", "/etc/passwd"):
        assert client.get(f"/docs-assets/swagger/{path}").status_code == 404


def test_every_route_under_api_is_documented(app: Flask, client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    served = {re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()
              if rule.rule.startswith("/api/")}
    assert served - set(paths) == set()


def test_every_guarded_operation_asks_who_calls_before_it_reads_anything(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    guarded = [(method, filled(path, operations)) for path, operations in document["paths"].items()
               for method, operation in operations.items() if method != "parameters" and operation["security"]]
    assert guarded
    for method, path in guarded:
        answer = client.open(path, method=method.upper(), data="{junk", content_type="application/json",
                             query_string={"page": "junk"})
        assert (answer.status_code, answer.json["code"]) == (401, "not_authenticated"), f"{method} {path}"


def filled(path: str, operations: dict) -> str:
    """The path with a value of the right kind in the place of each parameter."""
    for parameter in operations.get("parameters", []):
        schema = parameter["schema"]
        value = str(UUID(int=7)) if schema.get("format") == "uuid" else "7" * schema.get("minLength", 1)
        path = path.replace(f"{{{parameter['name']}}}", schema.get("enum", [value])[0])
    return path


def test_every_operation_says_what_it_does(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    silent = [f"{method} {path}" for path, operations in paths.items() for method, operation in operations.items()
              if method != "parameters" and not operation.get("summary")]
    assert silent == []

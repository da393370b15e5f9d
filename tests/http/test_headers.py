"""Security headers, CORS, and the id that every answer carries."""
import logging
from dataclasses import replace

import pytest
from flask import request
from flask.testing import FlaskClient

from app import create_app
from config.settings import Settings

KNOWN = "http://localhost:3000"


def test_every_answer_is_hardened(client: FlaskClient) -> None:
    for path in ("/api/health/", "/nothing", "/swagger/"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers


def test_a_known_origin_may_read_and_send_its_cookie(client: FlaskClient) -> None:
    headers = client.get("/api/health/", headers={"Origin": KNOWN}).headers
    assert headers["Access-Control-Allow-Origin"] == KNOWN
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in headers["Vary"]
    preflight = client.options("/api/auth/login/", headers={
        "Origin": KNOWN, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key"})
    assert preflight.status_code == 200
    assert "idempotency-key" in preflight.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000.evil.example",
                                    "http://localhost:30001", "http://xlocalhost:3000", None])
def test_no_other_origin_is_told_anything(client: FlaskClient, origin: str | None) -> None:
    answer = client.get("/api/health/", headers={"Origin": origin} if origin else {})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(("sent", "kept"), [
    ("abc-1.2_3", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("a\tb", False), ("{}", False),
    ("", False)])
def test_a_sound_request_id_is_kept_and_others_replaced(client: FlaskClient, sent: str, kept: bool) -> None:
    answered = client.get("/api/health/", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (answered == sent) is kept
    assert len(answered) >= 9


def test_every_request_is_one_line_of_the_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "purser.request"):
        client.get("/api/health/?secret=1", headers={"X-Request-Id": "mine"})
        client.get("/livez")
    [line] = [record for record in caplog.records if record.name == "purser.request"]
    assert (line.method, line.route, line.status, line.user) == ("GET", "/api/health/", 200, None)
    assert line.ms >= 0
    assert "secret" not in str(vars(line))


def test_only_a_trusted_proxy_may_say_who_calls(settings: Settings) -> None:
    proxied = create_app(replace(settings, trusted_proxies=1))
    seen = []
    proxied.before_request(lambda: seen.append(request.remote_addr))
    proxied.test_client().get("/api/health/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"})
    create_app(settings).test_client().get("/api/health/", headers={"X-Forwarded-For": "6.6.6.6"})
    assert seen == ["10.1.1.1"]

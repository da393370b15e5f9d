"""Is it up, is it ready, and what does it count?"""
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.errors import ServerSelectionTimeoutError
from redis.exceptions import ConnectionError as RedisAway
from rq import Queue
from rq.serializers import JSONSerializer

from app import create_app
from config import connections
from config.settings import Settings
from documents import clock
from tests.conftest import settings_of


def test_clients_find_the_bodies_they_know(client: FlaskClient) -> None:
    assert client.get("/api/health/").json == {"status": "healthy", "django": "running"}
    assert client.get("/api/test/").json == {
        "message": "Backend is working!", "status": "success", "version": "1.0.0"}
    assert client.get("/livez").json == {"status": "ok"}


def test_ready_means_a_primary_and_redis(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "mongo": True, "redis": True, "queue_age_seconds": 0, "queue_late": False}


def test_a_waiting_job_shows_its_age(client: FlaskClient) -> None:
    queue = Queue("notify", connection=connections.redis(), serializer=JSONSerializer)
    job = queue.enqueue("jobs.nothing.at_all")
    job.enqueued_at -= timedelta(seconds=500)
    job.save()
    body = client.get("/readyz").json
    assert body["queue_late"] is True
    assert body["queue_age_seconds"] >= 500
    assert body["status"] == "ready", "late workers are no reason to take the API out of service"


@pytest.mark.parametrize("failure", ["mongo", "redis"])
def test_without_a_server_it_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    def away(*_: object) -> None:
        raise ServerSelectionTimeoutError if failure == "mongo" else RedisAway

    monkeypatch.setattr(connections, "database" if failure == "mongo" else "redis", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json[failure]) == (503, "not ready", False)


def test_requests_are_counted_by_route_and_unknown_paths_share_one_label(client: FlaskClient) -> None:
    client.get("/api/health/")
    client.get("/scanner/1")
    client.get("/scanner/2")
    text = client.get("/metrics").text
    assert 'purser_request_seconds_count{method="GET",route="/api/health/",status="200"}' in text
    assert 'route="unknown"' in text
    assert "scanner" not in text
    assert "purser_requests_in_flight 1.0" in text


def test_the_clock_of_a_demo_moves_for_every_process(app: Flask, settings: Settings, tmp_path) -> None:
    debug = create_app(settings_of(tmp_path, DEBUG="yes", MONGO_URI=settings.mongo_uri, REDIS_URL=settings.redis_url))
    try:
        asked = debug.test_client()
        before = clock.now()
        moved = asked.post("/api/testing/clock/", json={"offset_seconds": 86_400})
        assert moved.status_code == 200
        assert clock.now() - before > timedelta(hours=23)
        assert (tmp_path / "clock_offset").read_text() == "86400", "which is what the other processes read"
        (tmp_path / "clock_offset").unlink()
        assert clock.now() - before < timedelta(hours=1)
        assert asked.post("/api/testing/clock/", json={"offset_seconds": 10**12}).status_code == 400
        assert debug.debug is False, "DEBUG never means the debugger"
    finally:
        clock.follow(None)
        create_app(settings)


def test_without_debug_the_clock_stands(client: FlaskClient) -> None:
    assert client.post("/api/testing/clock/", json={"offset_seconds": 1}).json["code"] == "route_not_found"

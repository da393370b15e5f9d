"""Is the service up, and are the servers it needs?"""
import logging
from datetime import UTC, datetime

from flask import Response, jsonify
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from blueprints.openapi import VERSION
from blueprints.schemas.health import Health, Live, Ready, Test
from blueprints.shell import Blueprint
from config import connections

QUEUE_LATE_SECONDS = 120

log = logging.getLogger(__name__)
blp = Blueprint("health", __name__, description="Is the service up?")


@blp.route("/api/health/")
@blp.response(200, Health)
def health() -> dict:
    """Say that this process answers; /readyz says whether its servers do."""
    return {"status": "healthy", "framework": "running"}


@blp.route("/api/test/")
@blp.response(200, Test)
def test() -> dict:
    """Let a client check its base address."""
    return {"message": "Backend is working!", "status": "success", "version": VERSION}


@blp.route("/livez")
@blp.response(200, Live)
def livez() -> dict:
    """Say that this process answers: restart it when it does not."""
    return {"status": "ok"}


@blp.route("/readyz")
@blp.response(200, Ready)
@blp.alt_response(503, schema=Ready, description="A server is away: send requests elsewhere")
def readyz() -> Response | dict:
    """Say whether MongoDB has a primary and Redis answers; late queues are told, but no reason to stop calling here."""
    found = {"mongo": _mongo(), "redis": _redis()}
    age = _queue_age() if found["redis"] else None
    ready = all(found.values())
    body = {**found, "status": "ready" if ready else "not ready", "queue_age_seconds": age,
            "queue_late": age is not None and age > QUEUE_LATE_SECONDS}
    return body if ready else (jsonify(body), 503)


def _mongo() -> bool:
    try:
        return bool(connections.database().client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError as error:
        log.warning("MongoDB has no primary for us: %s", error)
        return False


def _redis() -> bool:
    try:
        return bool(connections.redis().ping())
    except RedisError as error:
        log.warning("Redis is away: %s", error)
        return False


def _queue_age() -> int | None:
    """Seconds that the oldest waiting job has waited; 0 when none waits, None when Redis went away meanwhile."""
    try:
        waiting = [queue.fetch_job(queue.job_ids[0]) for queue in
                   Queue.all(connection=connections.redis(), serializer=JSONSerializer) if queue.job_ids]
    except (RedisError, IndexError):
        return None
    times = [job.enqueued_at for job in waiting if job is not None and job.enqueued_at]
    oldest = min((time if time.tzinfo else time.replace(tzinfo=UTC) for time in times), default=None)
    return 0 if oldest is None else int((datetime.now(UTC) - oldest).total_seconds())

"""The MongoDB and Redis clients of this process; made once, per settings, never at import."""
import threading

import mongoengine
from mongoengine.connection import get_db
from pymongo import MongoClient
from pymongo.database import Database
from redis import Redis

from config.settings import Settings

DEFAULT_DATABASE = "purser"
SERVER_SELECTION_TIMEOUT_MS = 3_000
HEARTBEAT_MS = 10_000
"""How often each server is asked for a sign of life, and how long it may take to connect and answer: a server that
hangs has its calls cut off after two of these, and one that is merely busy does not. A time-out on every call would
do the same for a tenth of its cost."""
REDIS_TIMEOUT_SECONDS = 3

_redis: Redis | None = None
_lock = threading.Lock()


def connect(settings: Settings) -> None:
    """Register the MongoDB client with MongoEngine and make the Redis client; repeat calls change nothing.

    Both connect lazily: a server that is down shows at the first use, not here.
    """
    global _redis
    with _lock:
        if _redis is None:
            mongoengine.connect(
                host=settings.mongo_uri, db=_database_name(settings.mongo_uri), mongo_client_class=MongoClient,
                tz_aware=True, uuidRepresentation="standard", retryWrites=True,
                w="majority", journal=True, readConcernLevel="majority",
                serverSelectionTimeoutMS=SERVER_SELECTION_TIMEOUT_MS, connectTimeoutMS=HEARTBEAT_MS,
                heartbeatFrequencyMS=HEARTBEAT_MS, maxPoolSize=64, appname="purser")
            _redis = Redis.from_url(settings.redis_url, socket_timeout=REDIS_TIMEOUT_SECONDS,
                                    socket_connect_timeout=REDIS_TIMEOUT_SECONDS, health_check_interval=30)


def disconnect() -> None:
    """Close both clients, so that a fork or a test can connect afresh."""
    global _redis
    with _lock:
        mongoengine.disconnect()
        if _redis is not None:
            _redis.close()
        _redis = None


def database() -> Database:
    """The pymongo database of this process."""
    return get_db()


def redis() -> Redis:
    """The Redis client of this process; raises RuntimeError before `connect`."""
    if _redis is None:
        raise RuntimeError("connect(settings) has not been called in this process")
    return _redis


def _database_name(uri: str) -> str:
    path = uri.split("://", 1)[-1].partition("/")[2].partition("?")[0]
    return path or DEFAULT_DATABASE

"""Whether the servers that the settings name are there and fit for money; each refusal is one sentence."""
import redis
from pymongo import MongoClient
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.uri_parser import parse_uri

from config.connections import SERVER_SELECTION_TIMEOUT_MS, database
from config.settings import Settings, SettingsError

OLDEST_MONGODB = 6


def refuse_unreachable(settings: Settings) -> None:
    """Raise SettingsError when a server that the settings name does not answer, or is unfit."""
    if settings.mongo_uri:
        _check_mongo(settings.mongo_uri)
    if settings.redis_url:
        _check_redis(settings.redis_url)


def refuse_standalone() -> None:
    """Raise SettingsError when the connected MongoDB cannot do transactions.

    A server that does not answer is let pass: it may be electing a primary, and `/readyz` says so meanwhile.
    """
    try:
        refuse_unfit_mongo(database().client)
    except PyMongoError:
        return


def refuse_unfit_mongo(client: MongoClient) -> None:
    """Raise SettingsError for a standalone or too old server; PyMongoError when it does not answer."""
    hello = client.admin.command("hello")
    if not (hello.get("setName") or hello.get("isreplicaset") or hello.get("msg") == "isdbgrid"):
        raise SettingsError("This MongoDB is not a replica set, so it has no transactions: start it with "
                            "--replSet rs0, run rs.initiate() once, and add ?replicaSet=rs0 to MONGO_URI.")
    version = client.admin.command("buildInfo")["version"]
    if int(version.partition(".")[0]) < OLDEST_MONGODB:
        raise SettingsError(f"This MongoDB is {version}: Purser needs {OLDEST_MONGODB} or newer, so upgrade it or "
                            "set MONGO_URI to another one.")


def _check_mongo(uri: str) -> None:
    try:
        where = ", ".join(f"{host}:{port}" for host, port in parse_uri(uri)["nodelist"])
    except (InvalidURI, ConfigurationError, ValueError) as error:
        raise SettingsError(f"MONGO_URI is not a MongoDB address: {error}.") from error
    try:
        # Without its set's name a driver also talks to a standalone server, which then gets its own sentence.
        with MongoClient(uri, serverSelectionTimeoutMS=SERVER_SELECTION_TIMEOUT_MS, replicaSet=None) as client:
            refuse_unfit_mongo(client)
    except PyMongoError as error:
        raise SettingsError(f"MongoDB at {where} cannot be used ({type(error).__name__}): start it, or correct "
                            "MONGO_URI.") from error


def _check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except ValueError as error:
        raise SettingsError("REDIS_URL is not a Redis address such as redis://127.0.0.1:6379/0.") from error
    except redis.RedisError as error:
        raise SettingsError(f"Redis at {url.rpartition('@')[2]} cannot be used ({type(error).__name__}): start it, "
                            "or correct REDIS_URL.") from error

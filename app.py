"""The application factory: nothing happens at import."""
from datetime import timedelta

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from flask_jwt_extended import JWTManager
from werkzeug.middleware.proxy_fix import ProxyFix

from blueprints import (
    BLUEPRINTS,
    aliases,
    commands,
    console,
    docs,
    errors,
    guards,
    headers,
    limits,
    metrics,
    request_log,
    testing,
)
from blueprints.paths import IntConverter
from blueprints.realtime.server import Sockets
from blueprints.shell import Api
from config import checks, connections, embedded
from config import logging as log_setup
from config import settings as settings_in_use
from config.settings import Settings
from documents import clock
from jobs import wakeups
from jobs.schedule import SCHEDULE

LARGEST_BODY = 1024 * 1024
_JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


class OrjsonProvider(JSONProvider):
    """JSON by orjson. A Decimal is a TypeError on purpose: amounts are integers inside and strings outside."""

    def dumps(self, obj: object, **_: object) -> str:
        return orjson.dumps(obj, option=_JSON_OPTIONS).decode()

    def loads(self, s: str | bytes, **_: object) -> object:
        return orjson.loads(s)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; without `settings` they are read from the environment and the running servers are found.

    Raises SettingsError when they are unsafe or no server runs.
    """
    settings = _installed(settings)
    wakeups.listen()
    app = Flask(__name__, static_folder=None)
    app.json = OrjsonProvider(app)
    app.config.update(_config(settings))
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["int"] = IntConverter
    app.wsgi_app = console.Mounted(app.wsgi_app, settings, SCHEDULE)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    JWTManager(app)
    _register(app, settings)
    return app


def create_sockets_app(settings: Settings | None = None) -> Sockets:
    """The WSGI application of `/ws/realtime/`, for the gevent worker of config/gunicorn_sockets.py; it follows the
    database from now on. Raises SettingsError like `create_app`.
    """
    sockets = Sockets(_installed(settings))
    sockets.start()
    return sockets


def _installed(settings: Settings | None) -> Settings:
    """The settings of this process, put to use: its log, its clients, its clock."""
    settings = settings or embedded.attach(Settings.load())
    settings_in_use.use(settings)
    log_setup.configure(debug=False)
    connections.connect(settings)
    if settings.production:
        checks.refuse_standalone()
    if settings.debug:
        clock.follow(settings.data_dir / clock.FILE_NAME)
    return settings


def _register(app: Flask, settings: Settings) -> None:
    errors.register(app)
    headers.register(app, settings)
    limits.register(app, settings.redis_url)
    request_log.register(app)
    metrics.register(app)
    api = Api(app)
    for blueprint in [*BLUEPRINTS, *([testing.blp] if settings.debug else [])]:
        api.register_blueprint(blueprint)
    app.register_blueprint(docs.blp)
    app.register_blueprint(metrics.blp)
    commands.register(app)
    # Last, because it looks at every rule there is.
    app.wsgi_app = aliases.Resolver(app.wsgi_app, app.url_map)


def _config(settings: Settings) -> dict:
    return {
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "PROPAGATE_EXCEPTIONS": False,
        "JWT_SECRET_KEY": settings.key_for("jwt"),
        "JWT_TOKEN_LOCATION": ["headers", "cookies"],
        "JWT_ACCESS_COOKIE_NAME": guards.COOKIE,
        "JWT_COOKIE_CSRF_PROTECT": False,
        "JWT_COOKIE_SAMESITE": "Lax",
        "JWT_COOKIE_SECURE": settings.production,
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=settings.jwt_access_token_lifetime),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(minutes=settings.jwt_refresh_token_lifetime),
    }

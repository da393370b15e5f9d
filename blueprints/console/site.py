"""Builds the console: its Flask application, its assets, its pages in the order of the menu."""
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask
from flask_admin import Admin
from flask_wtf.csrf import CSRFProtect

from blueprints import limits, metrics, request_log
from blueprints.console import ROOT, access, errors, formats, login, policy, views
from blueprints.console.timetable import Recurring
from config.settings import Settings, SettingsError

HERE = Path(__file__).parent
LARGEST_FORM = 256 * 1024


def build(settings: Settings, schedule: Sequence[Recurring]) -> Flask:
    """The console as an application that is mounted under `ROOT`, and shows this schedule."""
    app = Flask("purser-console", static_folder=None, root_path=str(HERE))
    app.config.update(_config(settings), SCHEDULE=schedule)
    errors.register(app)
    request_log.register(app)
    metrics.register(app)
    policy.register(app)
    limits.register(app, settings.redis_url)
    CSRFProtect(app)    # of every form and script there is: no view can forget it
    formats.register(app)
    access.register(app)
    for assets in _assets():
        app.register_blueprint(assets)
    app.register_blueprint(login.blp)
    admin = Admin(name="Purser", url="/", index_view=views.home(), csp_nonce_generator=policy.nonce)
    admin.add_views(*views.all_views())
    admin.init_app(app)
    return app


def _config(settings: Settings) -> dict:
    return {
        "SECRET_KEY": settings.key_for("console"),
        "SESSION_COOKIE_NAME": "purser_console",
        "SESSION_COOKIE_PATH": ROOT,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.production,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "PROPAGATE_EXCEPTIONS": False,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        # A token lives as long as the session it belongs to.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _assets() -> list[Blueprint]:
    """Everything a page loads, from this folder and from installed packages, which need not be imported for it."""
    return [
        # Before Flask-Admin's own templates, so that ours of the same name are taken.
        Blueprint("console", __name__, template_folder=str(HERE / "templates"), static_folder=str(HERE / "static"),
                  static_url_path="/assets/console"),
        _packaged("bootstrap", "flask_bootstrap", "static/bootstrap5"),
        _packaged("charts", "chartkick", "django/static/chartkick"),
    ]


def _packaged(name: str, package: str, folder: str) -> Blueprint:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SettingsError(f"The package {package} is missing: install requirements.txt again.")
    return Blueprint(name, __name__, static_folder=str(Path(spec.origin).parent / folder),
                     static_url_path=f"/assets/{name}")

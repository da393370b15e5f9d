"""The admin console: an application of its own under `/admin/`, so that the API pays nothing for it."""
import importlib
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Flask

from config.settings import Settings

ROOT = "/admin"


class Mounted:
    """WSGI middleware that gives `/admin/…` to the console and everything else to the API.

    The console is built by its first request: a worker that never serves it does without its libraries. It shows the
    `schedule` that it is handed: blueprints and jobs do not know one another.
    """

    def __init__(self, api: Callable, settings: Settings, schedule: Sequence[Any]) -> None:
        self._api, self._settings, self._schedule = api, settings, schedule
        self._lock = threading.Lock()
        self._console: Flask | None = None

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != ROOT and not path.startswith(f"{ROOT}/"):
            return self._api(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + ROOT
        environ["PATH_INFO"] = path.removeprefix(ROOT) or "/"
        return self.console.wsgi_app(environ, start_response)

    @property
    def console(self) -> Flask:
        """The console's application."""
        with self._lock:
            if self._console is None:
                site = importlib.import_module("blueprints.console.site")
                self._console = site.build(self._settings, self._schedule)
            return self._console

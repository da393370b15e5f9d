"""Every route of the console, for tests that ask the same of each of them."""
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask, url_for
from flask_admin import BaseView
from werkzeug.routing import IntegerConverter

from blueprints.console import ROOT, Mounted
from blueprints.console.access import OPEN_TO_ALL

SAMPLES = {"export_type": "csv", "name": "fund", "subject": "wallet:1"}


class Route(NamedTuple):
    method: str
    path: str
    endpoint: str

    @property
    def view(self) -> str:
        """The endpoint of the page that it belongs to."""
        return self.endpoint.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def console_app(app: Flask) -> Flask:
    """The console that is mounted in front of `app`."""
    layer: Any = app.wsgi_app
    while not isinstance(layer, Mounted):
        layer = layer._app
    return layer.console


def routes(app: Flask, *methods: str) -> list[Route]:
    """Every route behind the login that takes one of `methods`."""
    console = console_app(app)
    with console.test_request_context(base_url=f"http://localhost{ROOT}"):
        return sorted(_routes(console, methods))


def _routes(console: Flask, methods: tuple[str, ...]) -> Iterator[Route]:
    for rule in console.url_map.iter_rules():
        if rule.endpoint in OPEN_TO_ALL:
            continue
        values = {name: 1 if isinstance(rule._converters[name], IntegerConverter) else SAMPLES.get(name, "x")
                  for name in rule.arguments}
        for method in rule.methods & set(methods):
            yield Route(method, url_for(rule.endpoint, **values), rule.endpoint)


def pages(app: Flask) -> list[BaseView]:
    """Every page of the menu and behind it."""
    return console_app(app).extensions["admin"][0]._views

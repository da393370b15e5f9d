"""The OpenAPI document and its two readers; every script comes from an installed package, none from a CDN."""
import functools
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, current_app, send_from_directory

from blueprints.openapi import JSON

blp = Blueprint("docs", __name__)

# The readers style themselves inline; scripts and calls stay on this origin.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
          "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
          "base-uri 'none'; form-action 'none'")

_SWAGGER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Purser API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs-assets/swagger/swagger-ui.css"></head><body><div id="docs"></div>
<script src="/docs-assets/swagger/swagger-ui-bundle.js"></script><script src="/docs-assets/swagger.js"></script>
</body></html>"""
_REDOC = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Purser API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body{margin:0}</style></head><body>
<div id="docs"></div><script src="/docs-assets/redoc/redoc.standalone.js"></script>
<script src="/docs-assets/redoc.js"></script></body></html>"""
_STARTS = {
    "swagger": 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null});',
    "redoc": 'Redoc.init("/openapi.json", {}, document.getElementById("docs"));',
}
_ASSETS = {"swagger": ("flask_swagger_ui", "dist"), "redoc": ("flask_openapi3_redoc", "templates/redoc/js")}
_ASSET_SECONDS = 86_400


@blp.get("/openapi.json")
@blp.get("/swagger.json", endpoint="swagger_json")
def openapi() -> Response:
    return Response(_document(current_app._get_current_object()), mimetype=JSON, headers={"Cache-Control": "no-cache"})


@blp.get("/")
@blp.get("/swagger/", endpoint="swagger")
def swagger() -> Response:
    return _page(_SWAGGER)


@blp.get("/redoc/")
def redoc() -> Response:
    return _page(_REDOC)


@blp.get("/docs-assets/<any(swagger, redoc):reader>.js")
def start(reader: str) -> Response:
    return Response(_STARTS[reader], mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@blp.get("/docs-assets/<any(swagger, redoc):reader>/<path:name>")
def asset(reader: str, name: str) -> Response:
    response = send_from_directory(_folder(*_ASSETS[reader]), name, max_age=_ASSET_SECONDS)
    response.direct_passthrough = False
    return response


def _page(html: str) -> Response:
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": POLICY})


@functools.cache
def _folder(package: str, inside: str) -> Path:
    # Found without importing: these packages are wanted for their files only.
    return Path(find_spec(package).submodule_search_locations[0]) / inside


@functools.cache
def _document(app: object) -> bytes:
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return current_app.json.dumps(api.spec.to_dict()).encode()

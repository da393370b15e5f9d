"""Request ids, and one log line a request."""
import logging
import re
import time

import uuid6
from flask import Flask, Response, g, request

from blueprints import metrics
from config import logging as log_setup

log = logging.getLogger("purser.request")
_SOUND = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_QUIET = frozenset({"health.livez", "health.readyz", "metrics.metrics"})


def request_id() -> str:
    """The caller's `X-Request-Id` when it is sound, else one made here; the same all through the request."""
    made = g.get("request_id")
    if made is None:
        sent = request.headers.get("X-Request-Id", "")
        made = g.request_id = sent if _SOUND.fullmatch(sent) else uuid6.uuid7().hex
    return made


def register(app: Flask) -> None:
    """Give every answer its `X-Request-Id` and every request its log line."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        log_setup.request_id.set(request_id())

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        seconds = time.perf_counter() - g.started
        metrics.observe(response.status_code, seconds)
        if request.endpoint not in _QUIET:
            _write(response, seconds)
        return response


def _write(response: Response, seconds: float) -> None:
    user = g.get("user")
    log.info("request", extra={
        "method": request.method, "path": request.script_root + request.path, "route": str(request.url_rule or ""),
        "status": response.status_code, "ms": round(seconds * 1000, 1),
        "user": user.id if user is not None else None})

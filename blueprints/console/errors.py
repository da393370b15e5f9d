"""Every failure of a console page as a page that says what to do; scripts get the same as JSON."""
import logging

from flask import Flask, Response, jsonify, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from pymongo.errors import ConnectionFailure, ExecutionTimeout
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from blueprints.errors import status_of
from blueprints.request_log import request_id
from documents.errors import DomainError, Invalid

TOLD = {
    400: "The request could not be read.",
    403: "Your account may not see this page.",
    404: "There is no such page or record.",
    405: "This address does not take that kind of request.",
    413: "The form is too large.",
    429: "Too many attempts. Wait a minute, then try again.",
    500: "Something went wrong on our side.",
    503: "A server we need is away. Try again shortly.",
}

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Take the place of Flask's own error pages."""
    app.register_error_handler(DomainError, lambda error: page(status_of(type(error)), told(error)))
    app.register_error_handler(CSRFError, _no_token)
    app.register_error_handler(RateLimitExceeded, lambda _error: page(429))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ExecutionTimeout, _too_broad)
    for unavailable in (ConnectionFailure, RedisError):
        app.register_error_handler(unavailable, _unavailable)
    app.register_error_handler(Exception, _bug)


def page(status: int, detail: str = "") -> Response:
    """The error page of this status, or its JSON."""
    detail = detail or TOLD.get(status, "The request was refused.")
    title = HTTP_STATUS_CODES.get(status, "Error")
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(detail=detail, request_id=request_id())
    else:
        response = Response(render_template("console/error.html", title=title, detail=detail, status=status,
                                            request_id=request_id()), mimetype="text/html")
    response.status_code = status
    return response


def told(error: DomainError) -> str:
    """What a refusal says to a person: the fields it names, else its sentence."""
    if not error.errors:
        return error.detail
    fields = "; ".join(f"{name}: {' '.join(map(str, lines))}" for name, lines in error.errors.items())
    return fields if error.detail == Invalid.detail else f"{error.detail} {fields}"


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response
    return page(error.code or 500)


def _no_token(error: CSRFError) -> Response:
    return page(400, "This form is not one of this session. Go back, load the page again, and repeat what you did.")


def _too_broad(error: Exception) -> Response:
    log.warning("A page took too long: %s", request.full_path)
    return page(503, "This question takes the database too long. Narrow it with a filter or a shorter date range.")


def _unavailable(error: Exception) -> Response:
    log.error("a server we need is away: %s", error.__class__.__name__, exc_info=error)
    return page(503)


def _bug(error: Exception) -> Response:
    log.error("unhandled error in %s %s", request.method, request.path, exc_info=error)
    return page(500)

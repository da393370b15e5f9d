"""The one place that knows HTTP status codes of refusals, and the one function that writes an error body."""
import logging
from typing import Any

import mongoengine
import orjson
from bson.errors import BSONError
from flask import Flask, Response, request
from flask_limiter import RateLimitExceeded
from marshmallow import ValidationError
from pymongo.errors import ConnectionFailure, ExecutionTimeout
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from blueprints.request_log import request_id
from documents.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
"""What a caller is told to wait while MongoDB or Redis is away: a failover takes about three seconds."""

STATUSES: dict[type[DomainError], int] = {
    Invalid: 400, Unauthenticated: 401, Forbidden: 403, NotFound: 404, Conflict: 409, Unprocessable: 422,
    TooMany: 429, Unavailable: 503,
}
HTTP_CODES = {
    400: "bad_request", 404: "route_not_found", 405: "method_not_allowed", 408: "request_timeout",
    411: "length_required", 413: "body_too_large", 414: "uri_too_long", 415: "unsupported_media_type",
    416: "range_not_satisfiable", 431: "headers_too_large", 500: "internal_error", 501: "not_implemented",
}
"""The codes of what is refused before any view runs."""
HTTP_DETAILS = {400: "The request could not be read.", 404: "There is no such route.",
            405: 'Method "{method}" not allowed.', 413: "The body is too large.",
            415: "Unsupported media type; send application/json or a form."}

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Answer every failure of a request with one problem object, never with HTML."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(ValidationError, lambda error: invalid(error.normalized_messages()))
    app.register_error_handler(mongoengine.ValidationError, _document)
    app.register_error_handler(RateLimitExceeded, _limited)
    app.register_error_handler(HTTPException, _http)
    for unavailable in (ConnectionFailure, ExecutionTimeout, RedisError):
        app.register_error_handler(unavailable, _unavailable)
    for unstorable in (BSONError, OverflowError, UnicodeEncodeError):
        app.register_error_handler(unstorable, _unstorable)
    app.register_error_handler(Exception, _bug)


def problem(status: int, code: str, detail: str, *, errors: dict | None = None,
            headers: dict | None = None) -> Response:
    """RFC 9457, with what old clients read beside it: `error` and `message`, and the field lists at top level.

    Sent as application/json, which those clients test for, unless `Accept` names application/problem+json.
    """
    fields = _text_keys(errors or {})
    body = {"type": f"urn:purser:error:{code}", "title": HTTP_STATUS_CODES.get(status, "Error"), "status": status,
            "detail": detail, "code": code, "request_id": request_id(), "errors": fields,
            "error": detail, "message": detail}
    wants_problem = PROBLEM_TYPE in request.headers.get("Accept", "")
    return Response(orjson.dumps({**fields, **body}), status, headers,
                    mimetype=PROBLEM_TYPE if wants_problem else "application/json")


def invalid(messages: dict) -> Response:
    """400 for what a schema refused; one lone message is shown as the detail too."""
    errors = {("non_field_errors" if name == "_schema" else str(name)): told for name, told in messages.items()}
    return problem(400, Invalid.code, _summary(errors), errors=errors)


def status_of(error: type[DomainError]) -> int:
    """The status of the category that `error` belongs to."""
    return next((STATUSES[kind] for kind in error.__mro__ if kind in STATUSES), 400)


def _domain(error: DomainError) -> Response:
    status = status_of(type(error))
    headers = {}
    if error.retry_after is not None or status == 503:
        headers["Retry-After"] = str(error.retry_after or RETRY_AFTER_SECONDS)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    detail = _summary(error.errors) if error.errors and error.detail == Invalid.detail else error.detail
    return problem(status, error.code, detail, errors=error.errors, headers=headers)


def _document(error: mongoengine.ValidationError) -> Response:
    # A schema let something through that the document refuses: the caller still learns the field, and we the gap.
    log.warning("a document refused what the schema accepted", exc_info=error)
    return invalid({name: told if isinstance(told, (list, dict)) else [str(told)]
                    for name, told in (error.to_dict() or {"_schema": [Invalid.detail]}).items()})


def _limited(error: RateLimitExceeded) -> Response:
    # The headers a limit adds are written by Flask-Limiter after this; Retry-After among them.
    return problem(429, TooMany.code, TooMany.detail)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response
    status = error.code or 500
    detail = HTTP_DETAILS.get(status, error.name).format(method=request.method)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return problem(status, HTTP_CODES.get(status, "http_error"), detail, headers=headers)


def _unavailable(error: Exception) -> Response:
    log.error("a server we need is away: %s", error.__class__.__name__, exc_info=error)
    return problem(503, Unavailable.code, Unavailable.detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _unstorable(error: Exception) -> Response:
    log.warning("input that cannot be stored got past a schema", exc_info=error)
    return problem(400, Invalid.code, "The request holds a value that cannot be stored.")


def _bug(error: Exception) -> Response:
    log.error("unhandled error in %s %s", request.method, request.path, exc_info=error)
    return problem(500, "internal_error", "Something went wrong on our side.")


def _summary(errors: dict) -> str:
    if len(errors) != 1:
        return Invalid.detail
    name, told = next(iter(errors.items()))
    if not isinstance(told, list) or len(told) != 1 or not isinstance(told[0], str):
        return Invalid.detail
    return told[0] if name == "non_field_errors" else f"{name}: {told[0]}"


def _text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _text_keys(item) for key, item in value.items()}
    return value

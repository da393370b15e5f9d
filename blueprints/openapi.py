"""What the OpenAPI document says beyond schemas: refusals, security, operation ids."""
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from apispec import APISpec
from apispec.ext.marshmallow.common import resolve_schema_cls

from blueprints.schemas.problem import Problem
from services.idempotency import MAX_KEY_LENGTH

VERSION = "1.0.0"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "token"},
}
ABOUT = {"title": "Purser", "version": VERSION, "openapi_version": "3.1.0", "info": {
    "description": "One backend for shops and resellers: wallets, recharges, coupons, vouchers, instalments and "
                   "referrals on one ledger. Old spellings of these paths are listed in docs/aliases.md.",
    "license": {"name": "See the repository"}}}

_EXAMPLES = {
    400: ("validation_error", "amount: A valid amount is required."),
    401: ("not_authenticated", "Authentication credentials were not provided."),
    403: ("permission_denied", "You do not have permission to perform this action."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", 'Method "PUT" not allowed.'),
    409: ("conflict", "The current state does not allow this."),
    413: ("body_too_large", "The body is too large."),
    415: ("unsupported_media_type", "Unsupported media type; send application/json or a form."),
    422: ("idempotency_mismatch", "This Idempotency-Key was used with another body."),
    429: ("rate_limited", "Too many requests."),
    503: ("unavailable", "The service is not available right now; try again shortly."),
}
_RETRY = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}


@dataclass(frozen=True)
class Operation:
    """What the decorators of a view left for its documentation."""

    name: str
    guarded: bool
    limited: bool
    idempotent: bool

    @classmethod
    def of(cls, view: Callable, *, name: str) -> Self:
        return cls(name, getattr(view, "_guarded", False), getattr(view, "_limited", False),
                   getattr(view, "_idempotent", False))


def document_operation(doc: dict, doc_info: dict, *, method: str, **_: Any) -> dict:
    """Add the operation id, security and every refusal the decorators of this route can cause."""
    about: Operation = doc_info["shell"]
    doc["operationId"] = f"{about.name}_{method}"
    doc["security"] = [{"bearer": []}, {"cookie": []}] if about.guarded else []
    responses = doc.setdefault("responses", {})
    for status in _refusals(about, method, takes_body="requestBody" in doc):
        responses.setdefault(status, HTTPStatus(status).name)
    if "requestBody" in doc:
        content = doc["requestBody"]["content"]
        content.setdefault(FORM, {"schema": content[JSON]["schema"]})
    if any(_may_ask_for_csv(parameter) for parameter in doc.get("parameters", [])):
        responses[200]["content"]["text/csv"] = {"schema": {"type": "string"}}
    if about.idempotent:
        doc.setdefault("parameters", []).append({
            "in": "header", "name": "Idempotency-Key", "required": False,
            "description": "Makes repeats harmless: the first answer is kept for 24 hours and given again.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[!-~]+$"}})
    return doc


def _may_ask_for_csv(parameter: dict) -> bool:
    if parameter["in"] != "query":
        return False
    format = resolve_schema_cls(parameter["schema"])._declared_fields.get("format")
    return format is not None and any("csv" in getattr(rule, "choices", ()) for rule in format.validators)


def _refusals(about: Operation, method: str, *, takes_body: bool) -> list[int]:
    changes = method in ("post", "put", "patch", "delete")
    wanted = {400: takes_body or about.idempotent, 401: about.guarded, 403: about.guarded, 404: True, 409: changes,
              413: takes_body, 415: takes_body, 422: changes, 429: about.limited or changes, 503: True}
    return [status for status, applies in wanted.items() if applies]


def register_refusals(spec: APISpec) -> None:
    """One lazy response component a status, all of the one Problem schema, with an example."""
    for status in HTTPStatus:
        spec.components.response(status.name, _refusal(status), lazy=True)
    spec.components.response("DEFAULT_ERROR", _refusal(None), lazy=True)
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)


def _refusal(status: HTTPStatus | None) -> dict:
    content: dict = {"schema": Problem}
    if status in _EXAMPLES:
        code, detail = _EXAMPLES[status]
        content["example"] = {
            "type": f"urn:purser:error:{code}", "title": status.phrase, "status": status.value, "detail": detail,
            "code": code, "request_id": "0193f2c4a8c07d3f8a4e5b6c7d8e9f00", "errors": {}, "error": detail,
            "message": detail}
    described = {"description": status.phrase if status else "Any other refusal",
                 "content": {JSON: content, "application/problem+json": content}}
    if status in (429, 503):
        described["headers"] = _RETRY
    return described


_named: dict[str, type] = {}


def name_of(schema: Any) -> str:
    """A component is called like its class; a second class of that name is told apart by its module."""
    kind = resolve_schema_cls(schema)
    name = kind.__name__.removesuffix("Schema") or kind.__name__
    if _named.setdefault(name, kind) is not kind:
        name = kind.__module__.rpartition(".")[2].title().replace("_", "") + name
    return f"Partial{name}" if getattr(schema, "partial", None) else name

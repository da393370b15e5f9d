"""Reading what a request sends: JSON or a form in the body, and the query string."""
import json
from decimal import Decimal
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from blueprints.schemas.base import Schema

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def body(schema: Schema) -> dict:
    """The body as a dict; an absent one is empty. Raises ValidationError when it is not one object."""
    if request.mimetype in FORMS:
        return _flat(request.form, schema)
    raw = request.get_data(cache=True)
    if not raw.strip():
        return {}
    if request.mimetype and request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    read = _json(raw)
    if not isinstance(read, dict):
        raise ValidationError("Invalid data. Expected an object.")
    return read


def query(schema: Schema) -> dict:
    """The query string; a blank value counts as absent, which is how forms say "any"."""
    sent = _flat(request.args, schema)
    return {name: value for name, value in sent.items() if value != ""}


def _json(raw: bytes) -> Any:
    try:
        # Decimals, so that an amount keeps the decimals it was written with, and the field that holds a NaN refuses it.
        return json.loads(raw, parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ValidationError("The body is not valid JSON.") from error


def _flat(sent: MultiDict, schema: Schema) -> dict:
    return {name: sent.getlist(name) if name in schema.lists else sent[name] for name in sent}

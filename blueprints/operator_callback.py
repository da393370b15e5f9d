"""Where operators report outcomes by themselves, with a signature instead of a login."""
import functools
from collections.abc import Callable
from typing import Any

from flask import request

from blueprints.schemas.operator_callback import OperatorNews, OperatorThanked
from blueprints.shell import Blueprint
from documents.errors import Unauthenticated
from services import operator_callbacks
from services.gateways.operators.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER

blp = Blueprint("operators", __name__, url_prefix="/api/operators", description="Reports from mobile operators")


SIGNATURE = [
    {"in": "header", "name": TIMESTAMP_HEADER, "required": True, "description": "Unix time, at most 300 seconds off",
     "schema": {"type": "string", "pattern": "^[0-9]{1,12}$"}},
    {"in": "header", "name": SIGNATURE_HEADER, "required": True,
     "description": "Hex HMAC-SHA256 of `<timestamp>.<body>` under OPERATOR_SECRET",
     "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
]


class BadSignature(Unauthenticated):
    code = "bad_signature"
    detail = "The signature is missing, wrong or too old."


def signed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only bodies in that the operator has signed; the outermost decorator, like `requires`."""

    @functools.wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not operator_callbacks.is_signed(request.headers, request.get_data(cache=True)):
            raise BadSignature
        return view(*args, **kwargs)

    return checked


@blp.route("/callback/", methods=["POST"])
@signed
@blp.arguments(OperatorNews)
@blp.response(200, OperatorThanked)
@blp.alt_response(401, "UNAUTHORIZED")
@blp.doc(parameters=SIGNATURE)
def operator_callback(news):
    """Take an operator's report on one of our references; repeats and any order are welcome."""
    operator_callbacks.take(**news)
    return {"message": "Outcome recorded", "reference": news["reference"]}

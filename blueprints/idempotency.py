"""The Idempotency-Key header on every POST that moves money or uses something up."""
import functools
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, make_response, request

from blueprints.guards import current_user
from services import idempotency
from services.idempotency import Answer

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """Make repeats of the wrapped route harmless; it stands between the guard and `arguments`.

    The view runs inside the transaction that keeps its answer, so it may call nothing outside the database.
    """

    @functools.wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        answer = idempotency.once(
            scope=f"{current_user.id}:{request.method} {request.path}", key=idempotency.checked_key(key),
            fingerprint=idempotency.fingerprint_of(request.get_data(cache=True)),
            run=lambda: _answer(view, args, kwargs))
        return _render(answer)

    run._idempotent = True  # the shell documents the header and its two refusals
    return run


def keyed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the key to a view whose work spans several commits and therefore keeps it itself.

    The view takes `key` (None without the header) and returns its answer and whether that is a repeat's.
    """

    @functools.wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        answer, replayed = view(*args, key=request.headers.get(HEADER), **kwargs)
        return (answer, {REPLAYED_HEADER: "true"}) if replayed else answer

    run._idempotent = True  # the shell documents the header and its two refusals
    return run


def _answer(view: Callable[..., Any], args: tuple, kwargs: dict) -> Answer:
    response: Response = make_response(view(*args, **kwargs))
    return Answer(response.status_code, response.get_data(), replayed=False)


def _render(answer: Answer) -> Response:
    response = current_app.response_class(answer.body, status=answer.status, mimetype="application/json")
    if answer.replayed:
        response.headers[REPLAYED_HEADER] = "true"
    return response

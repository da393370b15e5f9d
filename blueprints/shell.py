"""flask-smorest made ours, once: bodies, replies, lists and the documentation of every refusal."""
import functools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response, current_app
from flask_smorest.utils import set_status_and_headers_in_response, unpack_tuple_response
from marshmallow import Schema as AnySchema

from blueprints import bodies, lists, openapi
from blueprints.schemas.problem import Problem

READERS = {"json": bodies.body, "query": bodies.query}


class Blueprint(flask_smorest.Blueprint):
    """A blueprint whose decorators are the whole contract: route, guard, arguments, response or listing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._prepare_doc_cbks = [*self._prepare_doc_cbks, openapi.document_operation]

    def arguments(self, schema: AnySchema | type[AnySchema], *, location: str = "json", **documented: Any) -> Callable:
        """Load the body (`location="json"`, forms too) or the query string with `schema` and pass it to the view."""
        loader = schema() if isinstance(schema, type) else schema
        read = READERS[location]

        def decorate(view: Callable) -> Callable:
            @functools.wraps(view)
            def load(*args: Any, **kwargs: Any) -> Any:
                return view(*args, loader.load(read(loader)), **kwargs)

            about = note(load).setdefault("arguments", {"responses": {}})
            about.setdefault("parameters", []).append(
                {"in": location, "schema": schema, "required": any(f.required for f in loader.fields.values()),
                 **documented})
            about["responses"][400] = "BAD_REQUEST"
            return load

        return decorate

    def response(self, status_code: int, schema: AnySchema | type[AnySchema] | None = None,
                 **documented: Any) -> Callable:
        """Write what the view returns with `schema` and answer `status_code`; a Response passes as it is."""
        writer = schema() if isinstance(schema, type) else schema
        document = super().response(status_code, writer, **documented)

        def decorate(view: Callable) -> Callable:
            @functools.wraps(view)
            def dump(*args: Any, **kwargs: Any) -> Response:
                result, status, headers = unpack_tuple_response(view(*args, **kwargs))
                if isinstance(result, Response):
                    set_status_and_headers_in_response(result, status, headers)
                    return result
                return reply(result if writer is None else writer.dump(result), status or status_code, headers)

            dump._apidoc = document(view)._apidoc
            return dump

        return decorate

    def listing(self, rows: type[AnySchema], filters: type[AnySchema] | None = None, *, bare: bool = False,
                cursor: bool = False, alongside: bool = True) -> Callable:
        """Answer a list: the view gets the loaded `filters` (if any) and returns a `Listing`.

        `bare` is an array until `?page=` is sent; `cursor` allows `?cursor=`. A view that reads or answers by itself is
        not for reading rows and caller at once, `alongside`.
        """
        return lists.listing(self, rows, filters, bare=bare, cursor=cursor, alongside=alongside)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: list | None, tags: list | None,
                             **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, about in self._docs[endpoint].items():
            if method != "parameters":
                view = getattr(obj, method, obj)
                about["shell"] = openapi.Operation.of(view, name=f"{self.name}_{endpoint}")


class Api(flask_smorest.Api):
    """The registry behind the OpenAPI document; errors are blueprints/errors.py's alone."""

    ERROR_SCHEMA = Problem

    def __init__(self, app: Any) -> None:
        names = MarshmallowPlugin(schema_name_resolver=openapi.name_of)
        super().__init__(app, spec_kwargs={"marshmallow_plugin": names, **openapi.ABOUT})

    def _register_error_handlers(self) -> None:
        """Nothing: blueprints/errors.py renders every failure."""

    def _register_responses(self) -> None:
        openapi.register_refusals(self.spec)

    def _register_etag_headers(self) -> None:
        """Nothing: no route answers ETags, and lists have their own headers."""

    _register_pagination_header = _register_etag_headers


def note(view: Callable) -> dict:
    """The view's own copy of its documentation notes, so that decorators above do not write into those below."""
    view._apidoc = deepcopy(getattr(view, "_apidoc", {}))
    return view._apidoc


def reply(body: Any, status: int = 200, headers: Any = None) -> Response:
    """A JSON response; an empty 204 when there is nothing to say."""
    if status == 204:
        return Response(status=204, headers=headers)
    return Response(current_app.json.dumps(body), status, headers, mimetype="application/json")

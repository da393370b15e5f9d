"""List views: pages, bare arrays with headers, and cursors, all from one `Listing`."""
import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, current_app, g, request
from marshmallow import Schema as AnySchema
from marshmallow import fields
from werkzeug.sansio.utils import get_current_url

from blueprints import bodies, guards
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import IntField, Str
from config import settings
from config.settings import Settings
from documents.listing import DerivedListing, Listing, after, cursor_of
from documents.sessions import Check

PAGE_SIZE = 20
LARGEST_PAGE = 100
LARGEST_ARRAY = 1000
DEEPEST_ROW = 1_000_000
"""MongoDB walks over every skipped row; who needs more rows than this takes the cursor or a report."""


class PageArgs(Schema):
    page = IntField(min=1, metadata={"description": "The page, from 1"})
    page_size = IntField(min=1, max=LARGEST_PAGE, load_default=PAGE_SIZE, metadata={"description": "Rows a page"})
    search = Str(max=100, metadata={"description": "Only rows that contain this text"})
    ordering = Str(max=100, metadata={"description": "Order by this name; descending with a leading -"})


class CursorArgs(PageArgs):
    cursor = Str(max=600, blank=True, metadata={"description": "Empty to begin, then `next_cursor` of the last reply"})


def listing(blp: Any, rows: type[AnySchema], filters: type[AnySchema] | None, *, bare: bool, cursor: bool,
            alongside: bool) -> Callable:
    """The decorator behind `Blueprint.listing`."""
    paging = CursorArgs() if cursor else PageArgs()
    own = filters() if filters else None
    writer = rows()
    page_schema = _page_schema(rows, cursor)

    @functools.lru_cache(maxsize=64)
    def read(_query: bytes, _settings: Settings) -> tuple[dict, dict | None]:
        """Paging and filters, read once: they follow from the query string and the settings alone."""
        return paging.load(_paging_query(paging)), own.load(bodies.query(own)) if own else None

    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def answer(*args: Any, **kwargs: Any) -> Response:
            wanted, chosen = read(request.query_string, settings.current())
            loaded = () if chosen is None else (dict(chosen),)
            found: Listing | Response = view(*args, *loaded, **kwargs)
            if check := g.get("check"):
                found = _with(check, found)
            if isinstance(found, Response):
                return found
            if "cursor" in wanted:
                return _cursor_page(found, wanted, writer)
            if bare and "page" not in wanted:
                return _array(found, wanted, writer)
            return _page(found, wanted, writer, cursor=cursor)

        documented = blp.arguments(paging, location="query")(view)
        if own:
            documented = blp.arguments(filters, location="query")(documented)
        either = {"anyOf": [{"type": "array", "items": rows}, page_schema]}
        documented = blp.response(200, either if bare else page_schema,
                                  headers=_ARRAY_HEADERS if bare else None)(documented)
        answer._apidoc = documented._apidoc
        answer.takes_check = alongside
        return answer

    return decorate


def _with(check: Check, found: Listing | Response) -> Listing:
    if isinstance(found, Response | DerivedListing):
        raise guards.NotAlongside
    return replace(found, check=check)


def _paging_query(paging: Schema) -> dict:
    sent = bodies.query(paging)
    if "cursor" in request.args and "cursor" in paging.fields:
        sent["cursor"] = request.args["cursor"]
    return sent


def _page(found: Listing, wanted: dict, writer: Schema, *, cursor: bool) -> Response:
    number, size = wanted.get("page", 1), wanted["page_size"]
    match, order = found.searching(wanted.get("search")), found.sorting(wanted.get("ordering"))
    skip = (number - 1) * size
    rows, count = found.page(match, order, skip=skip, limit=size) if skip < DEEPEST_ROW else ([], found.count(match))
    pages = -(-count // size)
    body = {"count": count, "next": _url(page=number + 1) if number < pages else None,
            "previous": _url(page=min(number - 1, pages)) if number > 1 and pages else None,
            "page": number, "page_size": size, "total_pages": pages, "results": writer.dump(rows, many=True)}
    if cursor:
        body["next_cursor"] = cursor_of(rows[-1], order) if rows and number < pages else None
    return _json(body)


def _cursor_page(found: Listing, wanted: dict, writer: Schema) -> Response:
    """A page that costs the same however deep it lies: no count, no skipping."""
    size, cursor = wanted["page_size"], wanted["cursor"]
    match, order = found.searching(wanted.get("search")), found.sorting(wanted.get("ordering"))
    if cursor:
        match = {"$and": [match, after(cursor, order)]}
    rows = found.rows(match, order, limit=size + 1)
    more = len(rows) > size
    rows = rows[:size]
    behind = cursor_of(rows[-1], order) if more else None
    return _json({"count": None, "next": _url(cursor=behind) if behind else None, "previous": None, "page": None,
                  "page_size": size, "total_pages": None, "results": writer.dump(rows, many=True),
                  "next_cursor": behind})


def _array(found: Listing, wanted: dict, writer: Schema) -> Response:
    match, order = found.searching(wanted.get("search")), found.sorting(wanted.get("ordering"))
    rows = found.rows(match, order, limit=LARGEST_ARRAY)
    count = len(rows) if len(rows) < LARGEST_ARRAY else found.count(match)
    response = _json(writer.dump(rows, many=True))
    response.headers["X-Pagination"] = orjson.dumps(
        {"count": count, "returned": len(rows), "limit": LARGEST_ARRAY}).decode()
    if count > len(rows):
        following = _url(page=LARGEST_ARRAY // LARGEST_PAGE + 1, page_size=LARGEST_PAGE)
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _url(**changed: Any) -> str:
    base = _base_url(request.scheme, request.host, request.root_path, request.path)
    return f"{base}?{urlencode({**request.args.to_dict(), **changed})}"


_base_url = functools.lru_cache(maxsize=1024)(get_current_url)
"""`request.base_url`, put together and quoted once."""


def _json(body: Any) -> Response:
    return Response(current_app.json.dumps(body), mimetype="application/json")


_ARRAY_HEADERS = {
    "X-Pagination": {"description": "JSON: `count`, `returned`, `limit`", "schema": {"type": "string"}},
    "Link": {"description": "`rel=next` when there are more rows than fit", "schema": {"type": "string"}},
}


@functools.cache
def _page_schema(rows: type[AnySchema], cursor: bool) -> type[AnySchema]:
    nullable = cursor
    parts: dict[str, Any] = {
        "count": fields.Integer(required=True, allow_none=nullable),
        "next": fields.String(required=True, allow_none=True),
        "previous": fields.String(required=True, allow_none=True),
        "page": fields.Integer(required=True, allow_none=nullable),
        "page_size": fields.Integer(required=True),
        "total_pages": fields.Integer(required=True, allow_none=nullable),
        "results": fields.List(fields.Nested(rows), required=True),
    }
    if cursor:
        parts["next_cursor"] = fields.String(allow_none=True)
    name = f"{rows.__name__.removesuffix('Schema')}{'CursorPage' if cursor else 'Page'}"
    return type(name, (Schema,), {**parts, "__module__": rows.__module__})

"""The two kinds of pages: a page of its own, and the list and details of a document. Each names its permission."""
from typing import Any, ClassVar

from flask import Response, abort, flash, request
from flask_admin import BaseView
from flask_admin.contrib.mongoengine import ModelView
from mongoengine import QuerySet

from blueprints.console import formats
from blueprints.console.access import staff
from blueprints.csv_files import harmless
from documents.base import Document
from documents.permissions import Permission

COUNTED_TO = 10_000
"""Lists say "10,000+" beyond: counting a million rows for a heading would cost more than the page."""
LONGEST_QUERY_MS = 2_000
LONGEST_EXPORT = 50_000


class Guarded:
    """Only staff that hold `permission` see the view, in the menu and otherwise."""

    permission: ClassVar[Permission]

    def is_accessible(self) -> bool:
        return staff.can(self.permission)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        abort(403)


class Page(Guarded, BaseView):
    """A page with views of its own; see Flask-Admin's `expose`."""


class DocumentView(Guarded, ModelView):
    """The list and the details of one document: read-only, searched and sorted along indexes, never unbounded.

    Money and links are declared by field: `money` shows minor units (of the unit in field `unit`, if the document has
    one), `people` link to the customer, `states` are coloured. `searched` are text fields matched from their
    beginning (stored lower-case where people type either), `ids` are integer fields matched exactly.
    `actions_offered(row)` says which named actions the details page offers.
    """

    searched: ClassVar[tuple[str, ...]] = ()
    ids: ClassVar[tuple[str, ...]] = ()
    money: ClassVar[tuple[str, ...]] = ()
    people: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[tuple[str, ...]] = ()
    """Fields that no page and no export ever shows: hashes and secrets."""
    empty: ClassVar[str] = "Nothing here yet."
    """What an empty list says, and what to do about it."""

    can_create = can_edit = can_delete = False
    can_view_details = True
    can_export = True
    column_display_pk = True
    can_set_page_size = True
    named_filter_urls = True
    """So that addresses survive a new filter: `?flt_status=pending`."""
    page_size = 25
    page_size_options = (25, 50, 100)
    export_max_rows = LONGEST_EXPORT
    column_sortable_list: Any = ()
    column_default_sort: Any = ("id", True)
    list_template = "admin/model/list.html"
    details_template = "admin/model/details.html"

    def __init__(self, document: type[Document], name: str, *, category: str, endpoint: str) -> None:
        fields = {field: self._shown(field) for field in document._fields if field not in self.hidden}
        self.column_formatters = fields
        self.column_formatters_detail = fields
        self.column_formatters_export = {field: self._exported(field) for field in fields}
        self.column_details_list = [field for field in document._fields_ordered if field not in self.hidden]
        super().__init__(document, name, category=category, endpoint=endpoint, url=f"/{endpoint}")

    def actions_offered(self, row: Any) -> list[tuple[str, str, bool]]:
        """(name of the action, subject, whether it is dangerous) for each button of the details page."""
        return []

    def get_list(self, page: int | None, sort_column: str | None, sort_desc: bool | None, search: str | None,
                 filters: Any, execute: bool = True, page_size: int | None = None) -> tuple[int, list]:
        """One page and a count that stops at `COUNTED_TO`, each bounded in time."""
        query = self.get_query()
        for index, _name, value in filters or []:
            chosen = self._filters[index]
            query = chosen.apply(query, chosen.clean(value))
        if search:
            query = self._search(query, search)
        count = query.limit(COUNTED_TO + 1).max_time_ms(LONGEST_QUERY_MS).count(with_limit_and_skip=True)
        order = [(sort_column, bool(sort_desc))] if sort_column else self._get_default_order() or []
        size = page_size or self.page_size
        rows = query.order_by(*(f"{'-' if descending else ''}{column}" for column, descending in order))
        skipped = min(max(page or 0, 0) * size, COUNTED_TO)
        return count, list(rows.skip(skipped).limit(size).max_time_ms(LONGEST_QUERY_MS))

    def _get_list_filter_args(self) -> list:
        """The filters that are filled in: the form sends them all."""
        chosen = []
        for argument, given in request.args.items():
            known = (self._filter_args or {}).get(argument.partition("_")[2]) if argument.startswith("flt") else None
            if known is None or not given.strip():
                continue
            index, condition = known
            if condition.validate(given):
                chosen.append((index, str(condition.name), given))
            else:
                flash(f"{condition.name}: {given[:40]} is not a valid value.", "error")
        return chosen

    def init_search(self) -> bool:
        return bool(self.searched or self.ids)

    def search_placeholder(self) -> str:
        return ", ".join(name.replace("_", " ") for name in (*self.ids, *self.searched))

    def _search(self, query: QuerySet, search_term: str) -> QuerySet:
        term = search_term.strip()[:254].replace("\x00", "")
        # A range and not a regular expression: partial indexes are read for it too.
        clauses: list[dict] = [{self._stored(name): {"$gte": typed, "$lt": f"{typed}\uffff"}}
                               for name in self.searched for typed in {term, term.lower()} if typed]
        if term.isascii() and term.isdigit() and len(term) < 16:
            clauses += [{self._stored(name): int(term)} for name in self.ids]
        return query.filter(__raw__={"$or": clauses}) if clauses else query.none()

    def get_empty_list_message(self) -> str:
        narrowed = any(name == "search" or name.startswith("flt") for name in request.args)
        return "Nothing matches. Change the search or reset the filters." if narrowed else self.empty

    def get_export_value(self, model: Any, name: Any) -> Any:
        return harmless(super().get_export_value(model, name))

    def get_filter_arg(self, index: int, flt: Any) -> str:
        """The name of a filter in addresses, such as `joined_from`: links from other pages use it."""
        return str(flt.name).lower().replace(" ", "_")

    def _stored(self, name: str) -> str:
        return self.model._fields[name].db_field

    def _shown(self, field: str) -> Any:
        def write(_view: Any, _context: Any, row: Any, _name: str) -> Any:
            value = getattr(row, field)
            if field in self.money:
                return formats.amount(value, getattr(row, "unit", None))
            if field in self.people:
                return formats.person(value)
            if field in self.states:
                return formats.badge(value)
            return formats.plain(value)

        return write

    def _exported(self, field: str) -> Any:
        def write(_view: Any, _context: Any, row: Any, _name: str) -> Any:
            return formats.exported(getattr(row, field), as_money=field in self.money)

        return write



"""The two kinds of pages: a page of its own, and the list and details of a document. Each names its permission."""
from typing import Any, ClassVar

from bson.errors import InvalidDocument
from flask import Response, abort, flash, request
from flask_admin import BaseView
from flask_admin.contrib.mongoengine import ModelView
from flask_admin.form import BaseForm
from mongoengine import QuerySet, ValidationError

from blueprints.console import formats, links
from blueprints.console.access import staff
from blueprints.csv_files import csv_lines, harmless
from config import settings
from documents import money
from documents.base import Document
from documents.permissions import Permission
from services import addresses

COUNTED_TO = 10_000
"""Lists say "10,000+" beyond: counting a million rows for a heading would cost more than the page."""
LONGEST_QUERY_MS = 2_000
LONGEST_EXPORT = 50_000
LONGEST_EXPORT_MS = 60_000
EXPORT_BATCH = 500
NOTHING = {"_id": {"$in": []}}
UNIT = "unit_of_money"
RECORDS = "Records"
"""The part of the menu for what is only looked at when something is odd; it stands last."""
LABELS = {UNIT: "Unit", "email": "E-mail", "installments": "Schedule", "is_active": "Active", "is_verified": "Verified",
          "user": "Customer", "created_at": "Created", "updated_at": "Changed"}


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

    What a field holds is declared once for list, details and export: `money` are minor units (of `unit_of` the row),
    `people` link to the customer, `records` to the document of another collection, `subjects` are `kind:id`, `states`
    are coloured, `codes` show their end only, `hidden` are hashes and secrets that no page and no export ever shows.
    Fields of embedded documents are named by their dotted path: `attempts.net`.
    `searched` are text fields matched from their beginning, `phones` numbers in any spelling, `ids` integers.
    `actions_offered(row)` says which named actions the details page offers, `related(row)` which lists it leads to.
    """

    searched: ClassVar[tuple[str, ...]] = ()
    phones: ClassVar[tuple[str, ...]] = ()
    ids: ClassVar[tuple[str, ...]] = ()
    money: ClassVar[tuple[str, ...]] = ()
    people: ClassVar[tuple[str, ...]] = ()
    records: ClassVar[dict[str, str]] = {}
    subjects: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[tuple[str, ...]] = ()
    codes: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[tuple[str, ...]] = ()
    few: ClassVar[bool] = False
    """Whether the collection stays small whatever the business does: then filters need no index."""
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
    action_disallowed_list = ("delete",)
    column_sortable_list: Any = ()
    column_default_sort: Any = ("pk", True)
    form = BaseForm
    """None of its own: what can be changed is an `EditableView`."""
    list_template = "admin/model/list.html"
    details_template = "admin/model/details.html"

    def __init__(self, document: type[Document], name: str, *, category: str, endpoint: str, url: str = "") -> None:
        fields = [field for field in document._fields_ordered if field not in self.hidden]
        self.column_formatters = self.column_formatters_detail = {field: self._shown(field) for field in fields}
        self.column_formatters_export = {field: self._exported(field) for field in fields}
        self.column_details_list = fields
        self.column_labels = {document._meta["id_field"]: "Id", **LABELS, **(self.column_labels or {})}
        if self.money:
            self.column_export_list = [*(self.column_export_list or self.column_list or fields), UNIT]
            self.column_formatters_export[UNIT] = lambda _view, _context, row, _name: self.unit_of(row)
        super().__init__(document, name, category=category, endpoint=endpoint, url=url or f"/{endpoint}")

    def actions_offered(self, row: Any) -> list[tuple[str, str, bool]]:
        """(name of the action, subject, whether it is dangerous) for each button of the details page."""
        return []

    def related(self, row: Any) -> list[tuple[str, str]]:
        """(text, address) of each list that goes on where the details page ends."""
        return []

    def unit_of(self, row: Any) -> str:
        """In which unit the amounts of this row are."""
        return getattr(row, "unit", None) or getattr(row, "currency", None) or settings.current().currency

    def _prettify_name(self, name: str) -> str:
        return name.replace("_", " ").replace(".", " ").capitalize()

    def scaffold_pk(self) -> str:
        return self.model._meta["id_field"]

    def get_one(self, id: Any) -> Any:
        """The document with this id, however it was typed; None when there is none."""
        try:
            return self.get_query().filter(pk=id).max_time_ms(LONGEST_QUERY_MS).first()
        except (ValidationError, ValueError, OverflowError, InvalidDocument):
            return None

    def get_list(self, page: int | None, sort_column: str | None, sort_desc: bool | None, search: str | None,
                 filters: Any, execute: bool = True, page_size: int | None = None) -> tuple[int, list]:
        """One page and a count that stops at `COUNTED_TO`, each bounded in time."""
        query, order = self._asked(sort_column, sort_desc, search, filters)
        size = page_size or self.page_size
        skipped = min(max(page or 0, 0) * size, COUNTED_TO)
        rows = query.order_by(*order).skip(skipped).limit(size).max_time_ms(LONGEST_QUERY_MS)
        return self._counted(query), list(rows)

    def _counted(self, query: QuerySet) -> int:
        if not query._query:
            return min(self.model.collection().estimated_document_count(maxTimeMS=LONGEST_QUERY_MS), COUNTED_TO + 1)
        return query.limit(COUNTED_TO + 1).max_time_ms(LONGEST_QUERY_MS).count(with_limit_and_skip=True)

    def _asked(self, sort_column: str | None, sort_desc: bool | None, search: str | None,
               filters: Any) -> tuple[QuerySet, tuple[str, ...]]:
        """The documents that were asked for, and the order in which an index hands them out."""
        # The first filter decides, as they stand in `column_filters`: the order is the one of its index.
        chosen = [(self._filters[index], value) for index, _name, value in sorted(filters or [])]
        clauses = [condition.match(condition.clean(value)) for condition, value in chosen]
        if search:
            clauses.append(self._found(search))
        query = self.get_query().filter(__raw__={"$and": clauses}) if clauses else self.get_query()
        if sort_column:
            return query, (f"{'-' if sort_desc else ''}{sort_column}",)
        if search:
            return query, ()
        by_index = next((condition.order for condition, _ in chosen if condition.order is not None), None)
        if by_index is not None:
            return query, by_index
        return query, tuple(f"{'-' if down else ''}{name}" for name, down in self._get_default_order() or [])

    def _export_csv(self, return_url: str) -> Response:
        """What the list shows, as a file that is written while it is read."""
        view_args = self._get_list_extra_args()
        column = self._get_column_by_idx(view_args.sort)
        query, order = self._asked(column[0] if column else None, view_args.sort_desc, view_args.search,
                                   view_args.filters)
        rows = query.order_by(*order).limit(self.export_max_rows).batch_size(EXPORT_BATCH).no_cache()
        return csv_lines(f"{self.endpoint}.csv", [label for _name, label in self._export_columns], (
            [self.get_export_value(row, name) for name, _label in self._export_columns]
            for row in rows.max_time_ms(LONGEST_EXPORT_MS)))

    def api_file_view(self) -> Response:
        """Flask-Admin would hand out any file in GridFS here: papers are shown where their permission is asked."""
        abort(404)

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
        return bool(self.searched or self.ids or self.phones)

    def search_placeholder(self) -> str:
        names = dict.fromkeys((*self.ids, *self.phones, *self.searched))
        return ", ".join(self.get_column_name(name).lower() for name in names)

    def _found(self, search_term: str) -> dict:
        """The match of a search: exact ids first, then texts that begin with it."""
        term = search_term.strip()[:254].replace("\x00", "")
        clauses: list[dict] = []
        if term.isascii() and term.isdigit() and len(term) < 16:
            clauses += [{self._stored(name): int(term)} for name in self.ids]
        number = addresses.phone(term) if self.phones else None
        clauses += [{self._stored(name): number} for name in self.phones if number]
        # A range and not a regular expression: partial indexes are read for it too.
        clauses += [{self._stored(name): {"$gte": typed, "$lt": f"{typed}\uffff"}}
                    for name in self.searched for typed in sorted({term, term.lower(), term.upper()}) if typed]
        return {"$or": clauses} if clauses else NOTHING

    def get_empty_list_message(self) -> str:
        narrowed = any(name == "search" or name.startswith("flt") for name in request.args)
        return "Nothing matches. Change the search or reset the filters." if narrowed else self.empty

    def get_export_value(self, model: Any, name: Any) -> Any:
        return harmless(super().get_export_value(model, name))

    def get_filter_arg(self, index: int, flt: Any) -> str:
        """The name of a filter in addresses, such as `joined_from`: links from other pages use it."""
        return str(flt.name).lower().replace(" ", "_")

    def _stored(self, name: str) -> str:
        return "_id" if name == self.model._meta["id_field"] else name

    def _shown(self, field: str) -> Any:
        def write(_view: Any, _context: Any, row: Any, _name: str) -> Any:
            return formats.plain(formats.opened(getattr(row, field), self.hidden, field), self._writer(row), field)

        return write

    def _writer(self, row: Any) -> formats.Writer:
        def write(path: str, value: Any) -> Any:
            if value is None:
                return None
            if path in self.money:
                return formats.amount(value, self.unit_of(row))
            if path in self.people:
                return formats.person(value)
            if path in self.records:
                return links.record(self.records[path], value)
            if path in self.subjects:
                return links.subject(value)
            if path in self.states:
                return formats.badge(value)
            return formats.masked(value) if path in self.codes else None

        return write

    def _exported(self, field: str) -> Any:
        def write(path: str, value: Any) -> Any:
            if path in self.codes:
                return formats.masked(value)
            return money.text(value) if path in self.money and value is not None else None

        return lambda _view, _context, row, _name: formats.exported(
            formats.opened(getattr(row, field), self.hidden, field), write, field)

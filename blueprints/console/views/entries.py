"""The ledger: its list, and a page for each entry that says what caused it."""
from typing import Any

from flask import flash, request
from flask_admin import BaseView, expose
from markupsafe import Markup

from blueprints.console import filters, formats, ledger_words, links
from blueprints.console.pages import NOTHING, DocumentView
from documents import money
from documents.errors import NotFound
from documents.ledger import LedgerEntry
from documents.permissions import Permission
from services import entry_causes
from services.reversals import BY_HAND


class Entries(DocumentView):
    permission = Permission.VIEW_REPORTS
    searched = ("reference",)
    people = ("actor",)
    column_list = ("created_at", "kind", "reference", "amount", "accounts", "actor", "memo")
    column_export_list = ("created_at", "kind", "reference", "amount", "unit", "accounts", "actor", "memo", "reverses")
    column_labels = {"created_at": "When", "kind": "What", "accounts": "From and to", "actor": "By"}
    column_filters = (
        filters.text("legs.account", "Account", order=("-created_at", "-id")), *filters.days("created_at", "Booked"),
        *filters.written("Made"))
    empty = "Nothing was booked yet. Fund a wallet to see the first entry here."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.column_formatters |= {
            "amount": lambda _view, _context, row, _name: formats.amount(_moved(row), row.unit),
            "accounts": lambda _view, _context, row, _name: _flow(row),
            "kind": lambda _view, _context, row, _name: ledger_words.kind(row.kind),
            "reference": lambda _view, _context, row, _name: links.entry(row.reference),
        }
        self.column_formatters_export |= {
            "amount": lambda _view, _context, row, _name: money.text(_moved(row)),
            "accounts": lambda _view, _context, row, _name: "; ".join(
                f"{leg.account}={money.text(leg.amount)}" for leg in row.legs),
        }

    def _asked(self, sort_column: Any, sort_desc: Any, search: Any, filters: Any) -> Any:
        """Days are looked up within one account: over all of them no index knows when something was booked."""
        asked, refused = {self._filters[index].column for index, *_ in filters or []}, ""
        if "created_at" in asked and "legs.account" not in asked:
            refused = "Name an account as well, or ask when it was made: booked days are looked up within one account."
        elif {"_id", "legs.account"} <= asked:
            refused = "Within an account ask when it was booked: days of making are looked up over all accounts."
        if refused:
            flash(refused, "error")
            return self.get_query().filter(__raw__=NOTHING), ()
        return super()._asked(sort_column, sort_desc, search, filters)

    @expose("/page/")
    def page(self) -> str:
        """One entry, by its reference."""
        return self._page(LedgerEntry.find_one({"reference": request.args.get("reference", "")}))

    @expose("/details/")
    def details_view(self) -> str:
        """The same, by its id."""
        return self._page(self.get_one(request.args.get("id", "")))

    def _page(self, entry: LedgerEntry | None) -> str:
        if entry is None:
            raise NotFound("There is no such ledger entry.")
        return self.render(
            "console/entry.html", entry=entry, cause=entry_causes.cause_of(entry), words=ledger_words, links=links,
            siblings=entry_causes.siblings(entry), reversal=entry_causes.reversal_of(entry),
            place=entry_causes.place_of(entry), by_hand=entry.kind in BY_HAND, owners=entry_causes.owners_of(entry))


def _moved(entry: LedgerEntry) -> int:
    return sum(leg.amount for leg in entry.legs if leg.amount > 0)


def _flow(entry: LedgerEntry) -> Markup:
    """From where to where, both in the order of the legs."""
    sides = [Markup(", ").join(ledger_words.account(leg.account) for leg in entry.legs if (leg.amount < 0) is out)
             for out in (True, False)]
    return Markup("{} → {}").format(*sides)


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Entries(LedgerEntry, "Ledger", category="Money", endpoint="entries")]

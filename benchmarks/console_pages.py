"""Every page of the console, for a benchmark: lists with each filter, sort and search, and whatever pages link to."""
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from blueprints.console import views
from blueprints.console.filters import Since
from blueprints.console.pages import COUNTED_TO, DocumentView
from blueprints.console.views.charts import METRICS, PERIODS
from documents import clock
from documents.ledger import LedgerEntry
from documents.users import User
from documents.wallets import Wallet
from services.console_charts import RANGED
from services.customer_timeline import KINDS
from services.ledger import wallet_account
from services.purchase_reports import MOST_MONTHS
from services.referral_figures import MOST_BUCKETS
from services.voucher_figures import MOST_DAYS

ROOT = "/admin"
ABSENT = "nothing-is-called-this"
SAMPLED = 200
LONGEST = {"purchases": 30 * MOST_MONTHS, "revenue": MOST_DAYS, "referrals": MOST_BUCKETS, "recharges": MOST_DAYS}
"""Days that a chart can span."""
_ROW = re.compile(r"<tbody.*?</tr>", re.DOTALL)
_LINK = re.compile(r'href="(/admin/[^"#]*)')
_NOT_FOLLOWED = re.compile(r"/admin/(assets|login|logout)/|/export/|[?&](page|page_size|sort|search|desc)=")


class Visit(NamedTuple):
    """A page, and how it is called in the table."""

    name: str
    path: str


def everything(busiest: int) -> Iterator[Visit]:
    """All that can be named beforehand; `linked` finds the rest."""
    yield Visit("home", f"{ROOT}/")
    yield from (Visit(f"home, {part}", f"{ROOT}/{part}/") for part in ("figures", "feed", "socket"))
    yield from _charts()
    yield from _customers(busiest)
    for view in views.all_views():
        if isinstance(view, DocumentView):
            yield from _list(view, busiest)
        else:
            yield Visit(view.endpoint, f"{ROOT}{view.url}/")


def exports() -> Iterator[Visit]:
    """The files that lists can be had as."""
    return (Visit(f"{view.endpoint}, CSV", f"{ROOT}{view.url}/export/csv/") for view in views.all_views()
            if isinstance(view, DocumentView) and view.can_export)


def linked(page: str) -> Iterator[str]:
    """The addresses that a page links to: of a table, those of its first row."""
    first = "".join(_ROW.findall(page))
    rest = re.sub(r"<tbody.*?</tbody>", "", page, flags=re.DOTALL)
    for path in map(unescape, _LINK.findall(rest + first)):
        if not _NOT_FOLLOWED.search(path):
            yield path


def shape(path: str) -> str:
    """What addresses of the same page have in common: ids and values left out."""
    parts = urlsplit(path)
    names = sorted({argument.partition("=")[0] for argument in parts.query.split("&") if argument})
    known = ["*" if re.search(r"[\d:]", part) else part for part in parts.path.split("/")]
    return "/".join(known) + ("?" + "&".join(names) if names else "")


def _charts() -> Iterator[Visit]:
    today = clock.now().date()
    for drawn in RANGED:
        for name, days in (("as it opens", 0), ("a year", 364), ("as long as it goes", LONGEST[drawn] - 1)):
            asked = {"from": str(today - timedelta(days=days)), "to": str(today)} if days else {}
            yield Visit(f"chart {drawn}, {name}", f"{ROOT}/reports/{drawn}/?{urlencode({'format': 'json', **asked})}")
        yield Visit(f"chart {drawn}, page", f"{ROOT}/reports/{drawn}/")
    for period in PERIODS:
        for metric in METRICS:
            yield Visit(f"leaderboard, {period}, {metric}",
                        f"{ROOT}/reports/leaderboard/?format=json&period={period}&metric={metric}")


def _customers(busiest: int) -> Iterator[Visit]:
    ordinary = User.find_one({}, sort=[("_id", -1)])
    yield Visit("customer, ordinary", f"{ROOT}/customers/{ordinary.id if ordinary else 1}/")
    yield Visit("customer, busiest", f"{ROOT}/customers/{busiest}/")
    yield from (Visit(f"customer, busiest, {kind}", f"{ROOT}/customers/{busiest}/?kind={kind}") for kind in KINDS)
    for entry in LedgerEntry.find({}, sort=[("_id", -1)], limit=1):
        yield Visit("entry", f"{ROOT}/entries/page/?reference={quote(entry.reference)}")


def _list(view: DocumentView, busiest: int) -> Iterator[Visit]:
    name, base = view.endpoint, f"{ROOT}{view.url}/"
    sample = list(view.model.collection().find(sort=[("_id", -1)], limit=SAMPLED))
    count = min(view.model.collection().estimated_document_count(), COUNTED_TO)
    yield Visit(name, base)
    yield Visit(f"{name}, 100 rows", f"{base}?page_size=100")
    yield Visit(f"{name}, last page", f"{base}?page={max(count // view.page_size - 1, 0)}")
    columns = [column for column, _label in view.get_list_columns()]
    for column in view._sortable_columns or ():
        at = columns.index(column)
        yield Visit(f"{name}, by {column}", f"{base}?sort={at}")
        yield Visit(f"{name}, by {column}, down", f"{base}?sort={at}&desc=1")
    for value in _searched(view, sample):
        yield Visit(f"{name}, search {value}", f"{base}?{urlencode({'search': value})}")
    for index, one in enumerate(view._filters or ()):
        for value in _filtered(view, one, sample, busiest):
            argument = f"flt_{view.get_filter_arg(index, one)}"
            yield Visit(f"{name}, {one.name} {value}", f"{base}?{urlencode({argument: value})}")


def _searched(view: DocumentView, sample: list[dict]) -> list[str]:
    """The first half of a stored value, as somebody types it; and what nobody is called."""
    if not view.init_search():
        return []
    stored = [view._stored(field) for field in view.searched]
    texts = [next(iter(_values(sample, name)), "")[:8] for name in stored]
    return [*filter(None, texts), *(["42"] if view.ids else []), ABSENT]


def _filtered(view: DocumentView, one: Any, sample: list[dict], busiest: int) -> list[str]:
    """Every choice there is, else the commonest value of late and one that nothing has."""
    if one.options:
        return [str(value) for value, _label in one.get_options(view)]
    today = clock.now().date()
    if isinstance(one, Since):
        return [str(today), str(today - timedelta(days=90))]
    common = Counter(_values(sample, one.column)).most_common(1)
    values = [str(common[0][0])] if common else []
    if one.column in ("user", "customer", "owner", "actor"):
        values.append(str(busiest))
    if one.column == "legs.account":
        wallet = Wallet.find_one({"owner": busiest})
        values += ["cash", wallet_account(wallet.id) if wallet else ""]
    absent = ABSENT if one.validate(ABSENT) else "987654321"
    return list(dict.fromkeys([*values, absent]))


def _values(sample: list[dict], path: str) -> list[Any]:
    found: list[Any] = sample
    for key in path.split("."):
        found = [row[key] for row in found if isinstance(row, dict) and row.get(key) not in (None, "")]
        found = [one for value in found for one in (value if isinstance(value, list) else [value])]
    return found

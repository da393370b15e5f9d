"""How values look: one writer a kind, used by lists, details and templates alike.

Money and times carry their machine-readable value, which static/console.js writes again in the viewer's locale
and zone.
"""
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from flask import Flask, url_for
from markupsafe import Markup

from config import settings
from documents import clock, money

GOOD = frozenset({"success", "succeeded", "paid", "active", "completed", "delivered", "sent", "credited", "approved",
                  "verified", "resolved", "done", "redeemed", "refunded", "yes"})
BAD = frozenset({"failed", "overdue", "late", "rejected", "revoked", "parked", "expired", "cancelled", "disputed"})
WAITING = frozenset({"pending", "processing", "held", "waiting", "open", "due", "created", "scanned", "in_progress",
                     "partial", "running"})

Writer = Callable[[str, Any], "str | Markup | None"]
"""How one kind of document writes what stands at a dotted path in it."""


def register(app: Flask) -> None:
    """Make every writer a template filter of its name."""
    app.jinja_env.filters.update(money=amount, when=when, badge=badge, person=person, plain=plain, day=day)
    app.jinja_env.globals.update(asset=asset, currency=lambda: settings.current().currency, now=clock.now)


def amount(minor: int | None, unit: str | None = None) -> Markup:
    """Minor units as money of `unit` (the installation's currency unless named)."""
    if minor is None:
        return Markup("")
    text = money.text(minor)
    unit = unit or settings.current().currency
    return Markup('<data class="money" value="{}" data-unit="{}">{} {}</data>').format(text, unit, unit, text)


def when(at: datetime | None) -> Markup:
    """A moment, shown in the viewer's zone."""
    if at is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%S}Z", f"{at:%Y-%m-%d %H:%M} UTC")


def day(value: Any) -> Markup:
    """A calendar day of the business, which no zone may move."""
    return Markup('<time class="day" datetime="{0}">{0}</time>').format(str(value)[:10]) if value else Markup("")


def badge(state: Any) -> Markup:
    """A state as a coloured label; the word itself says what the colour says."""
    word = getattr(state, "value", state)
    if isinstance(word, bool):
        word = "yes" if word else "no"
    text = str(word or "").replace("_", " ")
    key = str(word).lower()
    tone = ("good" if key in GOOD else "bad" if key in BAD else "waiting" if key in WAITING else "plain")
    return Markup('<span class="state state-{}">{}</span>').format(tone, text) if text else Markup("")


def person(user_id: int | None) -> Markup:
    """A link to a customer's page."""
    if user_id is None:
        return Markup("")
    return Markup('<a href="{}">#{}</a>').format(url_for("customers.page", user_id=user_id), user_id)


def masked(value: Any) -> str:
    """The end of something that whoever sees all of it could use."""
    return f"…{str(value)[-4:]}" if value else ""


def opened(value: Any, hidden: Collection[str] = (), path: str = "") -> Any:
    """Embedded documents as dicts, without what stands at the dotted paths of `hidden`."""
    if hasattr(value, "to_mongo"):
        value = value.to_mongo().to_dict()
    if isinstance(value, dict):
        return {name: opened(inner, hidden, _inside(path, name)) for name, inner in value.items()
                if _inside(path, name) not in hidden}
    if isinstance(value, (list, tuple)):
        return [opened(inner, hidden, path) for inner in value]
    return value


def plain(value: Any, write: Writer | None = None, path: str = "") -> str | Markup:
    """Any stored value as text: embedded documents indented, lists of them as tables, empty ones as nothing.

    `write` may take over for what stands at a dotted path, such as `attempts.net`; it returns None for the others.
    """
    written = write(path, value) if write is not None and path else None
    if written is not None:
        return written
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return badge(value)
    value = opened(value)
    if isinstance(value, dict):
        shown = {name: plain(inner, write, _inside(path, name)) for name, inner in value.items()}
        return Markup('<dl class="nested">{}</dl>').format(Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(_words(name), text) for name, text in shown.items() if text != ""))
    if isinstance(value, list):
        if all(isinstance(inner, dict) for inner in value):
            return _table(value, write, path)
        return Markup('<ul class="nested">{}</ul>').format(
            Markup("").join(Markup("<li>{}</li>").format(plain(inner, write, path)) for inner in value))
    return str(value)


def _table(rows: list[dict], write: Writer | None, path: str) -> Markup:
    names = dict.fromkeys(name for row in rows for name in row)
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(_words(name)) for name in names)
    body = Markup("").join(Markup("<tr>{}</tr>").format(Markup("").join(
        Markup('<td data-label="{}">{}</td>').format(_words(name), plain(row.get(name), write, _inside(path, name)))
        for name in names)) for row in rows)
    return Markup('<div class="table-wrap" tabindex="0" role="region" aria-label="{}">'
                  '<table class="table table-sm rows">'
                  "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>").format(_words(path), head, body)


def exported(value: Any, write: Writer | None = None, path: str = "") -> Any:
    """A stored value in a CSV cell: times in UTC, nothing of HTML; `write` as for `plain`."""
    written = write(path, value) if write is not None and path else None
    if written is not None:
        return written
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    value = opened(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}={exported(inner, write, _inside(path, name))}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(str(exported(inner, write, path)) for inner in value)
    return value


def _inside(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else ""


def _words(name: Any) -> str:
    return str(name).lstrip("_").replace("_", " ")


def asset(folder: str, name: str) -> str:
    """The address of a file that pages load."""
    return url_for(f"{folder}.static", filename=name)

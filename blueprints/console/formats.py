"""How values look: one writer a kind, used by lists, details and templates alike.

Money and times carry their machine-readable value, which static/console.js writes again in the viewer's locale
and zone.
"""
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


def plain(value: Any) -> str | Markup:
    """Any stored value as text: lists and embedded documents indented, empty ones as nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return badge(value)
    if hasattr(value, "to_mongo"):
        value = value.to_mongo().to_dict()
    if isinstance(value, dict):
        rows = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(str(name).replace("_", " "), plain(inner))
                               for name, inner in value.items())
        return Markup('<dl class="nested">{}</dl>').format(rows)
    if isinstance(value, (list, tuple)):
        return Markup('<ul class="nested">{}</ul>').format(
            Markup("").join(Markup("<li>{}</li>").format(plain(inner)) for inner in value))
    return str(value)


def exported(value: Any, *, as_money: bool = False) -> Any:
    """A stored value in a CSV cell: times in UTC, money with its two decimals, nothing of HTML."""
    if value is None:
        return ""
    if as_money:
        return money.text(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if hasattr(value, "to_mongo"):
        value = value.to_mongo().to_dict()
    if isinstance(value, (dict, list, tuple)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        return "; ".join(f"{name}={exported(inner)}" for name, inner in pairs)
    return value


def asset(folder: str, name: str) -> str:
    """The address of a file that pages load."""
    return url_for(f"{folder}.static", filename=name)

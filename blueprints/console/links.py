"""Links between pages: from what the database calls a record to the page that shows it."""
from typing import Any

from flask import url_for
from markupsafe import Markup

from blueprints.console import formats

ENDPOINTS = {"ledger_entries": "entries"}
"""Lists that are not called like their collection."""

SUBJECTS = {
    "wallet": "wallets", "reward": "rewards", "recharge": "recharges", "payment": "payments", "voucher": "vouchers",
    "refund": "refunds", "settlement": "settlements", "purchase": "purchases", "installment": "purchases",
    "referral": "referrals", "ticket": "tickets", "coupon": "coupons", "merchant": "merchants", "plan": "plans",
    "product": "products", "webhook": "webhook_endpoints",
}
"""The collection of each kind in `kind:id`."""


def record(collection: str, pk: Any, text: str = "") -> Markup:
    """A link to the details of one document."""
    if pk is None or pk == "":
        return Markup("")
    if collection == "users":
        return formats.person(pk)
    if collection == "staff_actions":
        return Markup('<a href="{}">{}</a>').format(url_for("actions.line", action_id=pk), text or pk)
    endpoint = f"{ENDPOINTS.get(collection, collection)}.details_view"
    return Markup('<a href="{}">{}</a>').format(url_for(endpoint, id=pk), text or pk)


def subject(name: str) -> Markup:
    """A link for a `kind:id`, or the text itself where nothing shows it."""
    kind, _, pk = name.partition(":")
    if kind == "entry":
        return entry(pk)
    if kind == "user" and pk.isdigit():
        return formats.person(int(pk))
    if kind in SUBJECTS:
        return record(SUBJECTS[kind], pk.partition("/")[0], name.replace(":", " ", 1))
    return Markup("{}").format(name)


def entry(reference: str, text: str = "") -> Markup:
    """A link to the page of a ledger entry."""
    return Markup('<a href="{}">{}</a>').format(url_for("entries.page", reference=reference), text or reference)

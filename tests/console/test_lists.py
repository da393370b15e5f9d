"""Every document has a list: it shows no secret, and asks nothing that an index does not answer."""
import csv
import io
import re
from urllib.parse import urlencode

import pytest
from bson import ObjectId

from blueprints.console.pages import COUNTED_TO, DocumentView
from blueprints.console.views.actions import Actions
from documents.permissions import Permission
from documents.staff_actions import StaffAction
from services import demo, schema
from tests.console.routes import console_app, pages
from tests.consoling import console_of

SECRETS = {
    "users": ("password",), "signups": ("password",), "otps": ("digest",), "password_resets": ("digest",),
    "sessions": ("_id",), "messages": ("code",), "idempotency": ("body", "fingerprint"), "gateway_events": ("body",),
    "webhook_endpoints": ("secret", "old_secret"), "push_subscriptions": ("endpoint", "p256dh", "auth"),
    "vouchers": ("code",), "voucher_usages": ("voucher_code",), "referral_codes": ("traces",),
    "recharges": ("keys", "fingerprint"), "payments": ("keys", "fingerprint"), "refunds": ("keys", "fingerprint"),
    "webhook_deliveries": ("body",),
}
"""Stored fields that no page and no file shows whole."""


def lists(app):
    return [view for view in pages(app) if isinstance(view, DocumentView)]


@pytest.fixture
def console(app, people):
    return console_of(app, people.admin())


@pytest.fixture
def listed(request, app):
    return next(view for view in lists(app) if view.endpoint == request.param)


def test_every_document_has_a_list(app):
    shown = {view.model for view in lists(app)}
    assert [document.__name__ for document in schema.documents() if document not in shown] == []


def test_every_list_names_what_is_there(app):
    for view in lists(app):
        known = {view.model._meta["id_field"], *view.model._fields}
        for name in (*view.searched, *view.phones, *view.ids, *view.money, *view.people, *view.records,
                     *view.subjects, *view.states, *view.codes, *view.hidden):
            assert name.partition(".")[0] in known, f"{view.endpoint} has no {name}"
        assert view.empty != DocumentView.empty, f"{view.endpoint} does not say what to do when it is empty"


def test_everything_of_the_demo_business_can_be_looked_at(app, console):
    demo.load()
    for view in lists(app):
        page = console.get(f"/admin{view.url}/")
        assert page.status_code == 200, f"{view.endpoint}: {page.text[:400]}"
        rows = list(view.model.objects.limit(1)) if view.can_view_details else []
        for row in rows:
            details = console.get(f"/admin{view.url}/details/", query_string={"id": view.get_pk_value(row)})
            assert details.status_code == 200, f"details of {view.endpoint}"
            assert "does not exist" not in details.text
        export = console.get(f"/admin{view.url}/export/csv/")
        assert export.status_code == (200 if view.can_export else 302), f"export of {view.endpoint}"

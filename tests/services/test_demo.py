"""The demo business: the same however often it is loaded, and its books are right."""
import dataclasses

import pytest

from config import settings as settings_in_use
from documents.ledger import LedgerEntry
from documents.recharges import Recharge, Status
from documents.users import User
from services import demo
from tests.parallel import breaks


def counts() -> tuple[int, ...]:
    return tuple(document.collection().count_documents({}) for document in (User, LedgerEntry, Recharge))


def test_loading_twice_changes_nothing(app):
    demo.load()
    first = counts()
    demo.load()
    assert counts() == first
    assert first[0] > 10
    assert breaks() == []


def test_the_demo_shows_each_outcome(app):
    demo.load()
    states = {row["payment_status"] for row in Recharge.collection().find({})}
    assert {Status.SUCCESS, Status.FAILED} <= states


def test_bulk_history_is_right_and_resumes(app):
    steps = []
    demo.load(entries=500, progress=lambda done, total: steps.append((done, total)))
    first = counts()
    assert first[1] >= 500
    assert steps[-1][0] == steps[-1][1]
    demo.load(entries=500)
    assert counts() == first
    assert breaks() == []


def test_production_refuses_the_demo(app, settings):
    settings_in_use.use(dataclasses.replace(settings, app_env="production"))
    try:
        with pytest.raises(demo.DemoRefused):
            demo.load()
    finally:
        settings_in_use.use(settings)
    assert counts() == (0, 0, 0)

"""No list of the console asks an unbounded question: MongoDB itself says which index answers each of them."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import g

from blueprints.console import ROOT
from blueprints.console.pages import COUNTED_TO, DocumentView
from tests.console.routes import console_app, pages

TYPED = {"date": "2026-01-01"}
TOGETHER = {"entries": {"booked_from": "account", "booked_to": "account"}}
"""Filters that are asked within another one: the index has that one first."""


def lists(app) -> list[DocumentView]:
    return [view for view in pages(app) if isinstance(view, DocumentView)]


def questions(view: DocumentView) -> Iterator[tuple[str, dict]]:
    """Everything that can be asked of a list, one at a time."""
    yield "nothing", {}
    if view.init_search():
        yield "search", {"search": "9876543210"}
        yield "search of words", {"search": "abc"}
    for name, (index, condition) in (view._filter_args or {}).items():
        for value in samples(condition):
            asked = [(index, condition.name, value)]
            if name in TOGETHER.get(view.endpoint, {}):
                other, within = view._filter_args[TOGETHER[view.endpoint][name]]
                asked += [(other, within.name, value) for value in samples(within)]
            yield f"{name}={value}", {"filters": asked}
            for column in view._sortable_columns:
                yield f"{name}={value}, sorted by {column}", {"filters": asked, "sort": column}
    for column in view._sortable_columns:
        yield f"sorted by {column}", {"sort": column}


def samples(condition: Any) -> list[str]:
    if condition.options:
        return [str(value) for value, _text in condition.options]
    return [TYPED.get(condition.data_type, "7")]


@contextmanager
def at_the_console(app, staff) -> Iterator[None]:
    with console_app(app).test_request_context(base_url=f"http://localhost{ROOT}"):
        g.user = staff
        yield


def plans_of(explained: dict) -> list[dict]:
    planner = explained["queryPlanner"]
    found = [planner["winningPlan"], *planner["rejectedPlans"]]
    return [plan.get("queryPlan", plan) for plan in found]


def stages(plan: dict) -> Iterator[dict]:
    yield plan
    for inner in (plan.get("inputStage"), *plan.get("inputStages", [])):
        if inner:
            yield from stages(inner)


def narrow(stage: dict) -> bool:
    """Whether an index is read in part, by its first field, or holds but a few of the documents."""
    if stage["isPartial"]:
        return True
    first = next(iter(stage["indexBounds"].values()))
    return first != ["[MinKey, MaxKey]"] and first != ["[MaxKey, MinKey]"]


def bounded(plan: dict, *, asked: bool, sorted_by_hand: bool) -> bool:
    """Whether this plan reads no more than what it answers with, or what an index narrows down."""
    found = list(stages(plan))
    names = {stage["stage"] for stage in found}
    if "COLLSCAN" in names or ("SORT" in names and not sorted_by_hand):
        return False
    scans = [stage for stage in found if stage["stage"] in ("IXSCAN", "DISTINCT_SCAN")]
    return not asked or all(narrow(stage) for stage in scans)


def test_every_question_of_every_list_is_answered_by_an_index(app, people):
    wrong = []
    with at_the_console(app, people.admin()):
        for view in lists(app):
            for question, parts in questions(view):
                query, order = view._asked(parts.get("sort"), True, parts.get("search"), parts.get("filters"))
                plans = plans_of(query.order_by(*order).limit(view.page_size).explain())
                asked = bool(parts.keys() & {"filters", "search"})
                fine = any(bounded(plan, asked=asked, sorted_by_hand=asked and "sort" in parts) for plan in plans)
                if not fine and not view.few:
                    wrong.append(f"{view.endpoint}: {question}")
    assert not wrong, "\n".join(wrong)


def test_the_rule_finds_what_has_no_index(app, people):
    """The test above would be worthless if it could not fail."""
    [users] = [view for view in lists(app) if view.endpoint == "users"]
    query = users.model.objects(__raw__={"first_name": "A"})
    assert not any(bounded(plan, asked=True, sorted_by_hand=False) for plan in plans_of(query.explain()))
    by_name = users.model.objects(__raw__={"parent": 7}).order_by("first_name")
    assert not any(bounded(plan, asked=True, sorted_by_hand=False) for plan in plans_of(by_name.explain()))


@pytest.mark.parametrize("page", [0, 1, 10**6, 10**30])
def test_a_page_far_behind_is_not_looked_for(app, people, page):
    with at_the_console(app, people.admin()):
        for view in lists(app):
            count, rows = view.get_list(page, None, None, None, [])
            assert count <= COUNTED_TO + 1
            assert len(rows) <= view.page_size

"""Every route, asked by everybody about their own, somebody else's and nobody's: who is refused changes nothing."""
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config import connections
from tests.people import People
from tests.proofs.access import TABLE
from tests.proofs.cast import MAKERS, Cast
from tests.proofs.rules import OWNERLESS, PEOPLE, PUBLIC, ROLES, Row
from tests.queries import counted

WRITES = {"insert", "update", "findAndModify", "delete", "bulkWrite"}
ELSEWHERE = ("/docs-assets/", "/admin/")
"""Files of installed packages, and the console, whose pages have tests of their own."""


def test_every_route_stands_in_the_table(app: Flask) -> None:
    served = {f"{method} {rule.rule}" for rule in app.url_map.iter_rules() if not rule.rule.startswith(ELSEWHERE)
              for method in rule.methods - {"HEAD", "OPTIONS"}}
    table = {row.route for row in TABLE}
    assert served - table == set(), "say in tests/proofs/access.py who may call these"
    assert table - served == set(), "these are served no longer"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.route)
def test_who_may_call(people: People, row: Row) -> None:
    cast = Cast(people)
    asked = [(role, relation) for role in ROLES for relation in cast.relations(role, row.target)]
    targets = {case: cast.target(case[0], row.target, case[1], fresh=False) for case in asked}
    callers = {role: cast.client(role) for role in ROLES}
    before, wrong = stored(), []
    for role, relation in asked:
        refusal = refused_with(row, role, relation)
        if refusal is None:
            continue
        with counted() as commands:
            answer = call(callers[role], row, targets[role, relation])
        if answer.status_code != refusal:
            wrong.append(f"{role}, {relation}: {refusal} expected, {told(answer)}")
        # Looking is cheap: only a call that sent a write can have changed something.
        if WRITES & set(commands) and stored() != before:
            wrong.append(f"{role}, {relation}: refused, and still wrote")
            before = stored()
    for role, relation in asked:
        if refused_with(row, role, relation) is None:
            target = cast.target(role, row.target, relation, fresh=row.method != "GET")
            answer = call(cast.client(role), row, target)
            if not let_in(answer, row):
                wrong.append(f"{role}, {relation}: should be let in, {told(answer)}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("role", ["client", "retailer", "distributor"])
def test_no_list_and_no_figure_tells_of_strangers(people: People, role: str) -> None:
    cast = Cast(people)
    stranger = cast.who["foreign_retailer"]
    ids = {str(cast.target(role, kind, "other", fresh=False)) for kind in MAKERS if kind not in OWNERLESS | PEOPLE}
    secrets = {stranger.email, stranger.phone, *(name for name in ids if len(name) > 20)}
    caller, told_of = cast.client(role), []
    for row in TABLE:
        if row.method == "GET" and row.target is None and row.rule is not PUBLIC and role in row.rule.roles:
            text = call(caller, row, None).text
            told_of += [f"{row.route} tells {secret}" for secret in secrets if secret in text]
    assert told_of == []


def refused_with(row: Row, role: str, relation: str) -> int | None:
    """The status that refuses this caller this object; None for one that is let in."""
    if role == "anonymous" and row.rule is not PUBLIC or not row.rule.roles:
        return 401
    if role not in row.rule.roles:
        return 403
    if row.target and relation not in row.rule.reach[role]:
        return row.absent
    return None


def call(client, row: Row, target) -> TestResponse:
    body = row.body(target) if callable(row.body) else row.body or {}
    sent = {} if row.method in ("GET", "DELETE") else {"json": body}
    return client.open(row.at(target), method=row.method, buffered=True, **sent)


def let_in(answer: TestResponse, row: Row) -> bool:
    if answer.status_code in (401, 403, 404):
        # A public route refuses wrong credentials, not callers.
        return answer.json["code"] in row.passes or row.rule is PUBLIC and row.target is None
    return answer.status_code < 500 and (row.absent != 400 or answer.status_code != 400)


def told(answer: TestResponse) -> str:
    return f"{answer.status_code} came: {answer.text[:200]}"


def stored() -> dict:
    """A digest of every collection but the one that hands out ids."""
    digests = connections.database().command("dbHash")["collections"]
    return {name: digest for name, digest in digests.items() if name != "counters"}

"""One key over HTTP: one effect, however many send it at once; and no call of many is lost."""
from collections import Counter

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from documents.ledger import LedgerEntry
from documents.recharges import Recharge
from services import wallets
from tests.catalogue import PHONE, plan
from tests.parallel import breaks, together
from tests.people import People, Person

FUND = "/api/wallet/add-to-wallet/"
BUY = "/api/purchases/purchase/"


@pytest.fixture
def post(app: Flask, people: People):
    """`post(user, path, body, key)` from any thread: one login, a client of its own for each call."""
    tokens: dict[int, str] = {}

    def send(user: Person, path: str, body: dict, key: str | None = None) -> TestResponse:
        if user.id not in tokens:
            speaking = people.client_of(user)
            speaking.get("/livez")
            tokens[user.id] = speaking.environ_base["HTTP_AUTHORIZATION"]
        headers = {"Authorization": tokens[user.id], **({"Idempotency-Key": key} if key is not None else {})}
        return app.test_client().post(path, json=body, headers=headers)
    return send


def balance(user: Person) -> int:
    return wallets.wallet_of(user.id).balance


def one_answer(answers: list[TestResponse], status: int) -> TestResponse:
    """All say the same, or that the first is still running; who came first was not told of a repeat."""
    assert {answer.status_code for answer in answers} <= {status, 409}, [answer.text for answer in answers]
    good = [answer for answer in answers if answer.status_code == status]
    assert len({answer.data for answer in good}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in good) == 1
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in waiting)
    return good[0]


def test_twenty_fundings_with_one_key_are_one(people: People, post) -> None:
    admin, retailer = people.admin(), people.retailer()
    body = {"user_email": retailer.email, "amount": "10.00"}
    post(admin, FUND, body | {"amount": "0"})
    one_answer(together(20, lambda _n: post(admin, FUND, body, "same")), 200)
    assert balance(retailer) == 1_000
    assert LedgerEntry.collection().count_documents({}) == 1
    assert breaks() == []


def test_twenty_purchases_with_one_key_are_one(people: People, fund, post) -> None:
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    body = {"plan_id": article.id, "phone_number": PHONE}
    post(retailer, BUY, {})
    one_answer(together(20, lambda _n: post(retailer, BUY, body, "same")), 201)
    assert Recharge.collection().count_documents({}) == 1
    assert balance(retailer) == 28_000
    assert breaks() == []


def test_fifty_fundings_at_once_add_up(people: People, post) -> None:
    admin, retailer = people.admin(), people.retailer()
    post(admin, FUND, {})
    answers = together(50, lambda n: post(admin, FUND, {"user_email": retailer.email, "amount": f"{n + 1}.01"}))
    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert balance(retailer) == sum(100 * number + 1 for number in range(1, 51))
    assert breaks() == []


@pytest.mark.parametrize("path", [FUND, BUY])
def test_a_repeat_is_told_apart_and_another_body_is_refused(people: People, fund, post, path: str) -> None:
    admin, article = people.admin(), plan("10.00")
    fund(admin, "100.00")
    email = people.retailer().email
    body = {FUND: {"user_email": email, "amount": "1.00"}, BUY: {"plan_id": article.id, "phone_number": PHONE}}[path]
    other = {FUND: body | {"amount": "2.00"}, BUY: body | {"phone_number": "+919812345679"}}[path]
    first, again = post(admin, path, body, "k"), post(admin, path, body, "k")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    refused = post(admin, path, other, "k")
    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_mismatch")
    entries = LedgerEntry.collection().count_documents({})
    assert post(admin, path, other, "another").status_code == first.status_code
    assert LedgerEntry.collection().count_documents({}) > entries


@pytest.mark.parametrize("path", [FUND, BUY])
def test_a_refused_first_call_leaves_the_key_free(people: People, fund, post, path: str) -> None:
    admin, article = people.admin(), plan("10.00")
    fund(admin, "100.00")
    email = people.retailer().email
    body = {FUND: {"user_email": email, "amount": "1.00"}, BUY: {"plan_id": article.id, "phone_number": PHONE}}[path]
    wrong = {FUND: body | {"user_email": "nobody@shop.example"}, BUY: body | {"plan_id": 7_777_777}}[path]
    assert post(admin, path, wrong, "k").status_code == 400
    good = post(admin, path, body, "k")
    assert good.status_code in (200, 201)
    assert "Idempotency-Replayed" not in good.headers


def test_a_key_is_the_callers_own_and_of_one_route(people: People, post) -> None:
    first, second, retailer = people.admin(), people.admin(), people.retailer()
    body = {"user_email": retailer.email, "amount": "1.00"}
    for caller, path in ((first, FUND), (second, FUND), (first, "/api/wallet/debit-from-wallet/")):
        answer = post(caller, path, body, "k")
        assert answer.status_code == 200
        assert "Idempotency-Replayed" not in answer.headers
    assert balance(retailer) == 100
    assert "Idempotency-Replayed" in post(first, "/wallet/add-to-wallet", body, "k").headers, "an alias is the route"


def test_a_key_of_purchases_is_the_callers_own(people: People, fund, post) -> None:
    article, buyers = plan("10.00"), [people.retailer(), people.retailer()]
    ids = set()
    for buyer in buyers:
        fund(buyer, "10.00")
        answer = post(buyer, BUY, {"plan_id": article.id, "phone_number": PHONE}, "k")
        assert "Idempotency-Replayed" not in answer.headers
        ids.add(answer.json["purchase"]["id"])
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a b\x01"])
@pytest.mark.parametrize("path", [FUND, BUY])
def test_a_key_that_is_none_is_refused(people: People, post, path: str, key: str) -> None:
    body = {FUND: {"user_email": people.retailer().email, "amount": "1.00"},
            BUY: {"plan_id": plan("10.00").id, "phone_number": PHONE}}[path]
    answer = post(people.admin(), path, body, key)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["Idempotency-Key"])
    assert LedgerEntry.collection().count_documents({}) == Recharge.collection().count_documents({}) == 0

"""Recharges over HTTP: shapes, bad input, own rows only, keys, history."""
from datetime import datetime, timedelta

import pytest

from documents.recharges import Recharge
from services.gateways.operators import simulated
from tests.catalogue import PHONE, buy, plan

URL = "/api/purchases/purchase/"


@pytest.fixture
def retailer(people, fund):
    retailer = people.retailer()
    fund(retailer, "1000.00")
    return retailer


@pytest.fixture
def shop(as_user, retailer):
    return as_user(retailer)


def body(article, **changes) -> dict:
    return {"plan_id": article.id, "phone_number": PHONE, "payment_method": "wallet"} | changes


def test_a_purchase_answers_as_documented(shop, retailer):
    article = plan("199.00")
    answer = shop.post(URL, json=body(article))
    assert answer.status_code == 201
    assert answer.json["message"] == "Purchase processed successfully"
    bought = answer.json["purchase"]
    varying = dict.fromkeys(("id", "transaction_id", "created_at", "updated_at", "completed_at", "plan"), "?")
    assert bought | varying == {
        "id": "?", "plan": "?", "user_email": retailer.email, "user_name": retailer.full_name,
        "plan_title": article.title, "provider_name": article.provider.title,
        "plan_validity": 28, "amount": "199.00", "payment_status": "success",
        "code": None, "transaction_id": "?", "phone_number": PHONE, "payment_method": "wallet", "created_at": "?",
        "updated_at": "?", "completed_at": "?", "validity_left": 28, "coupon": {"code": None, "discount": None}}
    assert bought["plan"] | {"created_at": "?"} == {
        "id": article.id, "provider": {"id": article.provider.id, "title": article.provider.title, "is_active": True},
        "title": article.title, "description": "Calls", "validity": 28, "is_active": True, "amount": "199.00",
        "identifier": "AIR_TEST", "created_at": "?"}
    assert bought["transaction_id"].startswith("TXN-")
    assert bought["completed_at"].endswith("Z")


def test_too_little_money_is_a_201_that_failed(people, as_user, fund):
    retailer = people.retailer()
    shop = as_user(retailer)
    answer = shop.post(URL, json=body(plan()))
    assert answer.status_code == 201
    failed = answer.json["purchase"]
    assert (failed["payment_status"], failed["code"], failed["completed_at"], failed["validity_left"]) == (
        "failed", "INSUFFICIENT_FUNDS", None, None)
    fund(retailer, "199.00")
    retried = shop.post(f"/api/purchases/retry/{failed['id']}/")
    assert retried.status_code == 200
    assert retried.json["message"] == "Payment retry processed"
    assert retried.json["purchase"]["payment_status"] == "success"
    assert retried.json["purchase"]["transaction_id"] == failed["transaction_id"]


@pytest.mark.parametrize(("change", "field"), [
    ({"plan_id": None}, "plan_id"), ({"plan_id": "x"}, "plan_id"), ({"plan_id": True}, "plan_id"),
    ({"plan_id": 1.5}, "plan_id"), ({"plan_id": -1}, "plan_id"), ({"plan_id": 2**63}, "plan_id"),
    ({"plan_id": {"$ne": 0}}, "plan_id"), ({"plan_id": 99_999_999}, "plan_id"),
    ({"phone_number": ""}, "phone_number"), ({"phone_number": "12"}, "phone_number"),
    ({"phone_number": "x" * 99}, "phone_number"), ({"phone_number": {"$ne": ""}}, "phone_number"),
    ({"phone_number": f"{PHONE}\x00"}, "phone_number"), ({"phone_number": 919812345678}, "phone_number"),
    ({"payment_method": "x" * 51}, "payment_method"), ({"payment_method": ["a"]}, "payment_method"),
])
def test_bad_bodies_name_their_field_and_write_nothing(shop, change, field):
    answer = shop.post(URL, json=body(plan(), **change))
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]
    assert Recharge.collection().count_documents({}) == 0


def test_missing_fields_and_forms(shop):
    assert set(shop.post(URL, json={}).json["errors"]) == {"plan_id", "phone_number"}
    answer = shop.post(URL, data={"plan_id": plan().id, "phone_number": "98123 45678"})
    assert answer.status_code == 201
    assert (answer.json["purchase"]["phone_number"], answer.json["purchase"]["payment_method"]) == (PHONE, "online")


def test_nobody_buys_without_logging_in(client):
    assert client.post(URL, json={}).status_code == 401
    assert client.get("/api/purchases/history/").status_code == 401


def test_a_key_replays_its_answer(shop):
    article, headers = plan(), {"Idempotency-Key": "abc"}
    first, second = (shop.post(URL, json=body(article), headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    other = shop.post(URL, json=body(article, phone_number="+919812300000"), headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_mismatch")
    assert shop.post(URL, json=body(article), headers={"Idempotency-Key": "x" * 201}).status_code == 400


def test_a_key_whose_purchase_is_being_worked_on_is_a_409(shop, retailer, move_clock):
    article, headers = plan(), {"Idempotency-Key": "abc"}
    simulated.tell("silent")
    bought = buy(retailer, article, key="abc")
    Recharge.collection().update_one(
        {"_id": bought.id}, {"$set": {"lease_until": bought.created_at + timedelta(seconds=45)}})
    running = shop.post(URL, json=body(article), headers=headers)
    assert (running.status_code, running.json["code"]) == (409, "idempotency_in_progress")
    assert 1 <= int(running.headers["Retry-After"]) <= 45
    move_clock(timedelta(seconds=46))
    carried_on = shop.post(URL, json=body(article), headers=headers)
    assert (carried_on.status_code, carried_on.json["purchase"]["payment_status"]) == (201, "pending")


def test_history_shows_own_rows_newest_first(people, shop, retailer, as_user):
    first, second = (buy(retailer, plan(identifier=name)) for name in ("A", "B"))
    page = shop.get("/api/purchases/history/").json
    assert [row["id"] for row in page["results"]] == [second.id, first.id]
    assert set(page["results"][0]) == {
        "id", "plan_title", "provider_name", "plan_validity", "amount", "payment_status", "code", "transaction_id",
        "phone_number", "payment_method", "created_at", "completed_at", "validity_left"}
    outsider = as_user(people.admin())
    assert outsider.get("/api/purchases/history/").json["results"] == []
    assert outsider.get(f"/api/purchases/history/{first.id}/").status_code == 404
    assert outsider.post(f"/api/purchases/retry/{first.id}/").status_code == 404
    assert shop.get(f"/api/purchases/history/{first.id}/").json["plan"]["identifier"] == "A"


def test_history_filters(shop, retailer):
    simulated.tell("fail", phone_number="+919812300001")
    good = buy(retailer, plan("10.00", identifier="A"))
    bad = buy(retailer, plan("20.00", identifier="B"), phone="+919812300001")

    def found(**query: object) -> list[int]:
        return [row["id"] for row in shop.get("/api/purchases/history/", query_string=query).json["results"]]

    assert found(payment_status="failed") == [bad.id]
    assert found(provider_id=good.plan.provider.id) == [good.id]
    assert found(search="00001") == [bad.id]
    assert found(search=good.transaction_id.upper()) == [good.id]
    assert found(search="b plan") == [bad.id]
    assert found(ordering="amount") == [good.id, bad.id]
    assert found(ordering="-payment_status") == [good.id, bad.id]
    assert found(page=2, page_size=1) == [good.id]


def test_a_day_in_the_filter_is_the_whole_business_day(shop, retailer):
    # 18:29 UTC is 23:59 in Asia/Kolkata; a minute later its next day begins.
    bought = [buy(retailer, plan("1.00", identifier=str(n))) for n in range(3)]
    moments = ("2026-11-19T18:30:00Z", "2026-11-20T18:29:59.999Z", "2026-11-20T18:30:00Z")
    for recharge, moment in zip(bought, moments, strict=True):
        Recharge.collection().update_one(
            {"_id": recharge.id}, {"$set": {"created_at": datetime.fromisoformat(moment)}})

    def found(**query: object) -> list[int]:
        return sorted(row["id"] for row in shop.get("/api/purchases/history/", query_string=query).json["results"])

    first, second, third = (recharge.id for recharge in bought)
    assert found(start_date="2026-11-20", end_date="2026-11-20") == [first, second]
    assert found(start_date="2026-11-21") == [third]
    assert found(end_date="2026-11-19") == []
    assert found(end_date="2026-11-20T18:30:00Z", start_date="2026-11-20T18:30:00Z") == [third]


@pytest.mark.parametrize("query", [
    "payment_status=nope", "provider_id=x", "start_date=yesterday", "end_date=2026-13-01", "end_date=9999-12-31",
    "start_date=0001-01-01", "ordering=user", "page=0", "page=x", "page_size=0", "page_size=101", "page=-1"])
def test_bad_filters_are_400(shop, query):
    answer = shop.get(f"/api/purchases/history/?{query}")
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize(("days", "left"), [(0, 28), (10, 18), (28, 0), (40, 0)])
def test_validity_left(shop, retailer, move_clock, days, left):
    bought = buy(retailer, plan())
    Recharge.collection().update_one(
        {"_id": bought.id}, {"$set": {"completed_at": bought.completed_at - timedelta(days=days)}})
    assert shop.get(f"/api/purchases/history/{bought.id}/").json["validity_left"] == left

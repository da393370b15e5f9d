"""Plans and providers over HTTP."""
import pytest

from documents.plans import Plan
from services.catalogue_data import load_catalogue
from tests.catalogue import plan


@pytest.fixture
def admin(people, as_user):
    return as_user(people.admin())


@pytest.fixture
def shop(people, as_user):
    load_catalogue()
    return as_user(people.client())


def identifiers(client, **query) -> list[str]:
    return [row["identifier"] for row in client.get("/api/plans/", query_string=query).json["results"]]


def test_the_list_is_a_page_in_order_of_creation(shop):
    page = shop.get("/api/plans/").json
    assert (page["count"], page["page"], page["page_size"], page["total_pages"]) == (14, 1, 20, 1)
    assert page["results"][0] | {"id": 0, "created_at": ""} == {
        "id": 0, "provider_name": "Airtel", "title": "Airtel ₹199 Plan", "validity": 28, "amount": "199.00",
        "description": "Unlimited calls, 1.5GB daily data for 28 days", "identifier": "AIR_199_28D", "created_at": ""}
    assert identifiers(shop)[:2] == ["AIR_199_28D", "AIR_399_28D"]


def test_filters_search_and_order(shop):
    assert identifiers(shop, min_amount="997", max_amount="999.00") == ["AIR_999_84D", "BSNL_997_180D"]
    assert identifiers(shop, min_validity=84, max_validity=84) == ["AIR_999_84D", "JIO_1299_84D"]
    assert identifiers(shop, search="bsnl_9") == ["BSNL_97_18D", "BSNL_997_180D"]
    assert identifiers(shop, search="vodafone", ordering="-amount") == ["VI_719_56D", "VI_359_28D", "VI_179_24D"]
    assert identifiers(shop, search=".*") == []
    assert identifiers(shop, ordering="amount", page_size=2) == ["BSNL_97_18D", "JIO_149_20D"]
    assert identifiers(shop, page=99) == []
    jio = Plan.find_one({"identifier": "JIO_149_20D"}).provider.id
    assert len(identifiers(shop, provider_id=jio)) == 4


@pytest.mark.parametrize("query", [
    "min_amount=x", "max_amount=1.001", "min_amount=-1", "min_amount=NaN", "min_validity=1.5", "provider_id=x",
    "provider_id=0", "ordering=id", "page=0", "page_size=1000", "max_amount=Infinity",
    "max_validity=99999999999999999999"])
def test_bad_values_are_400(shop, query):
    answer = shop.get(f"/api/plans/?{query}")
    assert (answer.status_code, list(answer.json["errors"])) == (400, [query.partition("=")[0]])


def test_one_plan(shop):
    article = Plan.find_one({"identifier": "JIO_149_20D"})
    assert shop.get(f"/api/plans/{article.id}/").json["provider"] == {
        "id": article.provider.id, "title": "Jio", "is_active": True}
    missing = shop.get("/api/plans/99999999/")
    assert (missing.status_code, missing.json["error"]) == (404, "Plan not found")


def test_providers_are_an_array_of_the_active(shop):
    assert [row["title"] for row in shop.get("/api/plans/providers/").json] == [
        "Airtel", "Jio", "Vi (Vodafone Idea)", "BSNL"]
    assert [row["title"] for row in shop.get("/api/plans/providers/?search=JIO").json] == ["Jio"]


def test_an_admin_keeps_the_catalogue(admin):
    provider = admin.post("/api/plans/providers/", json={"title": "Airtel"})
    assert provider.status_code == 201
    wanted = {"provider_id": provider.json["provider"]["id"], "title": "Small", "identifier": "S", "amount": "10.50",
              "validity": 7}
    made = admin.post("/api/plans/", json=wanted)
    assert (made.status_code, made.json["plan"]["amount"], made.json["plan"]["is_active"]) == (201, "10.50", True)
    url = f"/api/plans/{made.json['plan']['id']}/"
    assert admin.patch(url, json={"amount": 11}).json["plan"]["amount"] == "11.00"
    assert admin.patch(url, json={}).json["plan"]["title"] == "Small"
    assert admin.put(url, json=wanted | {"title": "Large"}).json["plan"]["title"] == "Large"
    assert set(admin.put(url, json={}).json["errors"]) == {"provider_id", "title", "identifier", "amount", "validity"}
    gone = admin.delete(url)
    assert (gone.status_code, gone.data) == (204, b"")
    assert admin.get(url).status_code == 404
    admin.patch(url, json={"is_active": True})
    assert admin.get(url).status_code == 200
    assert admin.delete(f"/api/plans/providers/{wanted['provider_id']}/").status_code == 204
    assert admin.get(url).status_code == 404


@pytest.mark.parametrize(("change", "field"), [
    ({"amount": "0"}, "amount"), ({"amount": "-1"}, "amount"), ({"amount": "1e3"}, "amount"),
    ({"amount": 1.001}, "amount"),
    ({"amount": "100000000.00"}, "amount"), ({"amount": True}, "amount"), ({"validity": 0}, "validity"),
    ({"validity": 99999}, "validity"), ({"identifier": "AIR_TEST"}, "identifier"), ({"identifier": ""}, "identifier"),
    ({"identifier": "x" * 51}, "identifier"), ({"title": "x" * 201}, "title"), ({"title": "a\x00b"}, "title"),
    ({"provider_id": 99_999_999}, "provider_id"), ({"provider_id": {"$gt": 0}}, "provider_id"),
    ({"is_active": "maybe"}, "is_active")])
def test_bad_plans_name_their_field(admin, change, field):
    provider = plan().provider.id
    good = {"provider_id": provider, "title": "T", "identifier": "NEW", "amount": "1.00", "validity": 1}
    answer = admin.post("/api/plans/", json=good | change)
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])
    assert Plan.collection().count_documents({}) == 1


@pytest.mark.parametrize(("method", "url"), [
    ("post", "/api/plans/"), ("put", "/api/plans/1/"), ("patch", "/api/plans/1/"), ("delete", "/api/plans/1/"),
    ("post", "/api/plans/providers/"), ("put", "/api/plans/providers/1/"), ("patch", "/api/plans/providers/1/"),
    ("delete", "/api/plans/providers/1/")])
def test_nobody_else_changes_it(people, as_user, client, method, url):
    assert getattr(client, method)(url).status_code == 401
    assert getattr(as_user(people.distributor()), method)(url).status_code == 403

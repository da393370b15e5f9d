"""Products over HTTP: public to read, for administrators to change, archived once sold."""
import pytest

from tests.buying import buy

PATH = "/api/products/"


@pytest.fixture
def admin(people, as_user):
    return as_user(people.admin())


def add(admin, **body):
    answer = admin.post(PATH, json={"name": "Laptop", "price": "10000.00", **body})
    assert answer.status_code == 201
    return answer.json


def test_the_life_of_a_product(admin, client):
    made = add(admin, price=10000)
    path = f"{PATH}{made['id']}/"
    assert made == {"id": made["id"], "name": "Laptop", "description": "", "price": "10000.00"}
    changed = {"name": "Laptop 2", "price": "9999.99", "description": "Thin"}
    assert admin.put(path, json=changed).json == {"id": made["id"], **changed}
    assert admin.put(path, json={"name": "Laptop 3", "price": "1"}).json["description"] == "Thin"
    assert admin.patch(path, json={"description": None}).json == {
        "id": made["id"], "name": "Laptop 3", "description": "", "price": "1.00"}
    assert client.get(path).json["price"] == "1.00"
    assert [admin.delete(path).status_code, client.get(path).status_code, admin.delete(path).status_code] == [
        204, 404, 404]


def test_a_sold_product_is_archived_and_its_purchase_keeps_name_and_price(people, as_user, admin, client):
    buyer = people.client()
    bought = buy(buyer, "100.00", "50.00", 2)
    path = f"{PATH}{bought.product}/"
    assert admin.patch(path, json={"name": "Other", "price": "150.00"}).json["price"] == "150.00"
    assert admin.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(PATH).json == []
    row = as_user(buyer).get("/api/purchases/my/").json[0]
    assert (row["product"], row["product_name"], row["total_price"]) == (bought.product, "Laptop", "100.00")
    refused = as_user(buyer).post("/api/purchases/create/", json={
        "product": bought.product, "first_installment_amount": "150.00", "installment_count": 1})
    assert (refused.status_code, list(refused.json["errors"])) == (400, ["product"])


def test_the_list_is_a_bare_array_by_id_until_it_is_asked_for_pages(admin, client):
    prices = {"Phone": "5", "TV": "7", "Radio": "1"}
    names = [add(admin, name=name, price=price)["name"] for name, price in prices.items()]
    assert [row["name"] for row in client.get("/products").json] == names
    assert client.get(f"{PATH}?page=2&page_size=2").json["count"] == 3
    assert [row["name"] for row in client.get(f"{PATH}?search=r&ordering=-price").json] == ["Radio"]
    assert [row["name"] for row in client.get(f"{PATH}?ordering=-price").json] == ["TV", "Phone", "Radio"]


@pytest.mark.parametrize(("body", "field"), [
    ({}, "name"), ({"name": ""}, "name"), ({"name": "x" * 256}, "name"), ({"name": {"$ne": ""}}, "name"),
    ({"price": "0"}, "price"), ({"price": "0.001"}, "price"), ({"price": "-1"}, "price"), ({"price": "NaN"}, "price"),
    ({"price": "100000000"}, "price"), ({"price": True}, "price"), ({"description": 5}, "description"),
    ({"name": "a\x00b"}, "name"), ({"name": None}, "name")])
def test_bad_products_name_their_field(admin, client, body, field):
    answer = admin.post(PATH, json={"name": "Fine", "price": "1.00", **body} if body else {"price": "1.00"})
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])
    assert client.get(PATH).json == []


def test_only_administrators_change_products(people, as_user, client):
    for method in ("post", "put", "patch", "delete"):
        path = PATH if method == "post" else f"{PATH}1/"
        assert getattr(client, method)(path, json={}).status_code == 401
        assert getattr(as_user(people.client()), method)(path, json={}).status_code == 403

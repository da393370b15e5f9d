"""Buying and paying on instalments over HTTP, as the clients of the old shop do it."""
from datetime import timedelta

import pytest

from documents import clock
from documents.ledger import LedgerEntry
from documents.purchases import Purchase
from tests.buying import buy, product
from tests.parallel import breaks

CREATE, MINE = "/api/purchases/create/", "/api/purchases/my/"
PURCHASE_KEYS = {"id", "product_name", "quantity", "purchase_date", "total_price", "first_installment_amount",
                 "installment_count", "status", "product", "customer"}


@pytest.fixture
def buyer(people):
    return people.client()


@pytest.fixture
def shopper(buyer, as_user):
    return as_user(buyer)


@pytest.fixture
def order(app):
    """The body of a good purchase: two laptops, 6000.00 now, the rest in two parts."""
    return {"product": product().id, "quantity": 2, "first_installment_amount": 6000, "installment_count": 3}


def test_the_example_of_the_old_shop(shopper, order):
    answer = shopper.post("/purchases/create/", json=order)
    assert answer.status_code == 201
    assert set(answer.json) == PURCHASE_KEYS
    assert {name: answer.json[name] for name in PURCHASE_KEYS - {"id", "purchase_date", "customer", "product"}} == {
        "product_name": "Laptop", "quantity": 2, "total_price": "20000.00", "first_installment_amount": "6000.00",
        "installment_count": 3, "status": "due"}
    rows = shopper.get("/installments/").json
    assert [(row["installment_number"], row["due_amount"], row["status"], row["quantity"]) for row in rows] == [
        (1, "0.00", "paid", "2"), (2, "7000.00", "due", "2"), (3, "7000.00", "due", "2")]
    assert rows[0]["payment_date"] == rows[0]["due_date"] == answer.json["purchase_date"]
    assert rows[0]["paid_amount"] == "6000.00"


def test_forms_and_strings_are_read_too(shopper, order):
    answer = shopper.post(CREATE, data={**order, "purchase_date": f"{clock.now():%Y-%m-%d}", "purchase_time": "x",
                                        "total_price": "1", "status": "paid", "customer": 1})
    assert (answer.status_code, answer.json["total_price"], answer.json["status"]) == (201, "20000.00", "due")


@pytest.mark.parametrize(("changes", "field"), [
    ({"product": 999_999}, "product"), ({"product": "x"}, "product"), ({"product": None}, "product"),
    ({"product": {"$gt": 0}}, "product"), ({"quantity": 0}, "quantity"), ({"quantity": 10_001}, "quantity"),
    ({"quantity": 10_000}, "quantity"), ({"quantity": True}, "quantity"),
    ({"installment_count": 0}, "installment_count"),
    ({"installment_count": 61}, "installment_count"), ({"installment_count": "1.5"}, "installment_count"),
    ({"first_installment_amount": "5999.99"}, "first_installment_amount"),
    ({"first_installment_amount": "20000.01"}, "first_installment_amount"),
    ({"first_installment_amount": "0"}, "first_installment_amount"),
    ({"first_installment_amount": "NaN"}, "first_installment_amount"),
    ({"first_installment_amount": "6e3"}, "first_installment_amount"),
    ({"installment_count": 1}, "first_installment_amount"),
    ({"purchase_date": "9999-12-31"}, "purchase_date"), ({"purchase_date": "0001-01-01"}, "purchase_date"),
    ({"purchase_date": "yesterday"}, "purchase_date"), ({"method": "cheque"}, "method"),
    ({"method": ["cash"]}, "method")])
def test_bad_purchases_name_their_field_and_leave_nothing(shopper, order, changes, field):
    answer = shopper.post(CREATE, json={**order, **changes})
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])
    assert (Purchase.collection().count_documents({}), LedgerEntry.collection().count_documents({})) == (0, 0)


def test_what_is_missing_is_told_all_at_once(shopper):
    assert set(shopper.post(CREATE, json={}).json["errors"]) == {
        "product", "first_installment_amount", "installment_count"}


def test_thirty_per_cent_are_compared_unrounded(shopper):
    body = {"product": product("99.99").id, "installment_count": 2}
    refused = shopper.post(CREATE, json={**body, "first_installment_amount": "29.99"})
    assert "₹30.00" in refused.json["first_installment_amount"][0]
    assert shopper.post(CREATE, json={**body, "first_installment_amount": "30.00"}).status_code == 201


@pytest.mark.parametrize(("first", "count"), [("100", 1), ("100", 3)])
def test_with_nothing_left_it_is_paid_at_once(shopper, first, count):
    answer = shopper.post(CREATE, json={
        "product": product("100").id, "first_installment_amount": first, "installment_count": count})
    assert answer.json["status"] == "paid"
    assert {row["status"] for row in shopper.get("/api/installments/").json} == {"paid"}
    assert shopper.get("/api/installments/next-due/").status_code == 404


def test_a_purchase_may_be_a_year_old_at_most(shopper, order):
    today = clock.now() + timedelta(hours=5, minutes=30)
    for days, status in ((365, 201), (368, 400), (-1, 400)):
        date = f"{today - timedelta(days=days):%Y-%m-%d}"
        answer = shopper.post(CREATE, json={**order, "purchase_date": date})
        assert (answer.status_code, "purchase_date" in answer.json.get("errors", {})) == (status, status == 400)


def test_the_wallet_pays_and_a_cash_customer_is_the_administrators(people, as_user, buyer, shopper, order, fund):
    empty = shopper.post(CREATE, json={**order, "method": "wallet"})
    assert (empty.status_code, empty.json["code"]) == (409, "insufficient_funds")
    fund(buyer, "6000.00")
    assert shopper.post(CREATE, json={**order, "method": "wallet"}).status_code == 201
    refused = shopper.post(CREATE, json={**order, "method": "bank"})
    assert (refused.status_code, refused.json["code"]) == (403, "payment_method_refused")
    made = as_user(people.admin()).post(CREATE, json={**order, "method": "bank", "customer": buyer.id}).json
    assert made["customer"] == buyer.id
    assert len(shopper.get(MINE).json) == 2
    unknown = as_user(people.admin()).post(CREATE, json={**order, "customer": 999_999})
    assert list(unknown.json["errors"]) == ["customer"]
    assert breaks() == []


def test_paying_and_overpaying(shopper, order):
    shopper.post(CREATE, json=order)
    second = shopper.get("/api/installments/next-due/").json
    pay = f"/installments/pay/{second['id']}/"
    assert shopper.post(pay, json={"amount": "7000.01"}).json["non_field_errors"] == [
        "You cannot pay more than the required amount: ₹7000.00"]
    for bad in ("0", "-500", "x", None, 1.001, {"$gt": 0}):
        assert list(shopper.post(pay, json={"amount": bad}).json["errors"]) == ["amount"]
    answer = shopper.post(pay, json={"amount": "2500"})
    assert (answer.status_code, answer.json["detail"]) == (200, "Payment successful.")
    assert answer.json["installment"]["due_amount"] == "4500.00"
    assert shopper.post(pay, json={"amount": 4500.00}).json["installment"]["status"] == "paid"
    again = shopper.post(pay, json={"amount": "1"})
    assert (again.status_code, again.json["code"]) == (409, "nothing_to_pay")


def test_an_overdue_one_comes_first_with_its_penalty(shopper, order, move_clock):
    shopper.post(CREATE, json=order)
    move_clock(timedelta(days=31))
    row = shopper.get("/installments/next-due/").json
    assert (row["installment_number"], row["due_amount"], row["late_fee_due"], row["amount_to_pay"]) == (
        2, "7000.00", "700.00", "7700.00")
    late = shopper.post(f"/api/installments/pay/{row['id']}/", json={"amount": "7000"})
    assert late.json["non_field_errors"] == [
        "Late payment! You must pay the full amount including penalty: ₹7700.00"]
    paid = shopper.post(f"/api/installments/pay/{row['id']}/", json={"amount": "7700"}).json["installment"]
    assert (paid["paid_amount"], paid["due_amount"], paid["late_fee"]) == ("7700.00", "0.00", "700.00")


def test_the_whole_rest_in_one_call(shopper, order):
    made = shopper.post(CREATE, json=order).json
    path = f"/api/purchases/{made['id']}/"
    answer = shopper.post(f"{path}pay-rest/")
    assert (answer.status_code, answer.json["purchase"]["status"]) == (200, "paid")
    assert [row["due_amount"] for row in shopper.get(path).json["installments"]] == ["0.00"] * 3
    assert shopper.post(f"{path}pay-rest/").status_code == 409
    assert breaks() == []


def test_waiving_is_an_administrators_and_needs_a_reason(people, as_user, shopper, order, move_clock):
    shopper.post(CREATE, json=order)
    move_clock(timedelta(days=31))
    admin, row = as_user(people.admin()), shopper.get("/api/installments/next-due/").json
    path = f"/api/installments/{row['id']}/waive-fee/"
    assert shopper.post(path, json={"reason": "please"}).status_code == 403
    assert list(admin.post(path, json={}).json["errors"]) == ["reason"]
    assert admin.post(path, json={"reason": "flood"}).json["installment"]["amount_to_pay"] == "7000.00"
    assert admin.post(path, json={"reason": "flood"}).json["code"] == "no_late_fee"


def test_nobody_sees_or_pays_what_is_somebody_elses(people, as_user, buyer, shopper):
    bought = buy(buyer, "100", "30", 4)
    stranger, admin = as_user(people.client()), as_user(people.admin())
    second, purchase = f"/api/installments/pay/{bought.installments[1].id}/", f"/api/purchases/{bought.id}/"
    for path in (second, f"{purchase}pay-rest/", "/api/installments/pay/999999/"):
        assert stranger.post(path, json={"amount": "1"}).status_code == 404
    assert stranger.get(purchase).status_code == 404
    assert (stranger.get(MINE).json, stranger.get("/api/installments/").json) == ([], [])
    assert (stranger.get("/api/purchases/").status_code, shopper.get("/api/purchases/").status_code) == (403, 403)
    assert [row["id"] for row in admin.get("/api/purchases/").json] == [bought.id]
    assert admin.get(purchase).json["installments"][1]["due_amount"] == "23.33"
    assert admin.post(second, json={"amount": "1"}).status_code == 200


def test_lists_filter_page_and_order(buyer, shopper):
    first, second = buy(buyer, "100", "100", 1), buy(buyer, "900", "300", 3)
    assert [row["id"] for row in shopper.get(f"{MINE}?status=paid").json] == [first.id]
    assert [row["id"] for row in shopper.get(f"{MINE}?ordering=-total_price").json] == [second.id, first.id]
    assert shopper.get(f"{MINE}?status=partial").status_code == 400
    rows = shopper.get(f"/api/installments/?purchase={second.id}&status=due&ordering=-due_date").json
    assert [row["installment_number"] for row in rows] == [3, 2]
    page = shopper.get("/api/installments/?page=2&page_size=3&search=lap").json
    assert (page["count"], len(page["results"])) == (4, 1)


def test_anonymous_callers_may_not(client):
    for path in (MINE, "/api/purchases/", "/api/installments/", "/api/installments/next-due/", "/api/user/summary/",
                 "/api/user-stats/", "/api/reports/chart/summary/", "/api/purchases/1/"):
        assert client.get(path).status_code == 401

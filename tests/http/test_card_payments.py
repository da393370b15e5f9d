"""Card payments, refunds and top-ups as their clients speak of them."""
from flask.testing import FlaskClient

from services.gateways.payments import simulated_topups
from services.gateways.payments.razorpay_events import signature
from tests.carding import told
from tests.vouchering import voucher_type

UNKNOWN = "01a1fb5b-3aeb-7f57-b153-f5573f42a0a0"


def create(client: FlaskClient, path: str = "/api/payments/create-intent/", **body) -> dict:
    answer = client.post(path, json={"voucher_type_id": voucher_type(1_000).id, "quantity": 2, **body})
    assert answer.status_code == 201, answer.json
    return answer.json


def intent_in(created: dict) -> str:
    return created["client_secret"].partition("_secret_")[0]


def buy(client: FlaskClient) -> dict:
    answer = client.post("/api/payments/confirm/", json={"payment_intent_id": intent_in(create(client))})
    assert answer.status_code == 200, answer.json
    return answer.json


def test_an_old_client_buys_vouchers_by_card(people, as_user):
    client = as_user(people.client())
    created = create(client, currency="IDR", payment_method="stripe")
    assert (created["amount"], created["currency"], created["payment"]["status"]) == (20.0, "INR", "pending")
    done = client.post("/api/payments/confirm-payment/", json={
        "payment_intent_id": intent_in(created), "voucher_type_id": 1, "quantity": 9}).json
    assert done["message"] == "Payment confirmed and vouchers created"
    payment = done["payment"]
    assert (payment["status"], payment["amount"], payment["total_amount"]) == ("completed", "10.00", "20.00")
    assert (payment["quantity"], payment["discount_amount"], payment["discount_code"]) == (2, "0.00", None)
    assert payment["voucher_type"]["price"] == "10.00"
    mine = client.get("/api/vouchers/my-vouchers/").json["results"]
    assert sorted(voucher["code"] for voucher in mine) == sorted(done["voucher_codes"])
    assert client.get("/api/payments/history/").json["results"] == [payment]
    assert client.get(f"/api/payments/transaction/{payment['id']}/").json == payment


def test_a_refused_card_is_a_conflict_and_shows_as_failed(people, as_user):
    client = as_user(people.client())
    told("decline")
    created = create(client)
    answer = client.post("/api/payments/confirm/", json={"payment_intent_id": intent_in(created)})
    assert (answer.status_code, answer.json["code"], answer.json["error"]) == (
        409, "payment_not_successful", "Payment not successful")
    failed = client.get("/api/payments/history/?status=failed").json["results"]
    assert [(row["id"], row["status"], row["failure"]) for row in failed] == [
        (created["payment_id"], "failed", "card_declined")]
    assert client.get("/api/payments/history/?status=pending").json["count"] == 0


def test_bad_orders_and_other_peoples_intents(people, as_user, client):
    mine, other = as_user(people.client()), as_user(people.client())
    for body in ({}, {"voucher_type_id": 999_999}, {"voucher_type_id": voucher_type().id, "quantity": 11},
                 {"voucher_type_id": voucher_type().id, "discount_code": "NOPE"}):
        assert mine.post("/api/payments/create-intent/", json=body).status_code == 400
    created = create(mine)
    foreign = other.post("/api/payments/confirm/", json={"payment_intent_id": intent_in(created)})
    assert (foreign.status_code, foreign.json["code"]) == (404, "not_found")
    assert other.get(f"/api/payments/transaction/{created['payment_id']}/").status_code == 404
    assert mine.post("/api/payments/confirm/", json={}).status_code == 400
    assert mine.post("/api/payments/confirm/", json=[]).status_code == 400
    assert client.post("/api/payments/create-intent/", json={}).status_code == 401


def test_a_repeat_under_one_key_says_so(people, as_user):
    client, type_ = as_user(people.client()), voucher_type()
    answers = [client.post("/api/payments/create-intent/", json={"voucher_type_id": type_.id},
                           headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert answers[0].json["client_secret"] == answers[1].json["client_secret"]
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    other = client.post("/api/payments/create-intent/", json={"voucher_type_id": type_.id, "quantity": 2},
                        headers={"Idempotency-Key": "a"})
    assert (other.status_code, other.json["code"]) == (422, "idempotency_mismatch")


def test_a_refund_from_request_to_card(people, as_user):
    customer = people.client()
    client, staff, outsider = as_user(customer), as_user(people.admin()), as_user(people.client())
    payment = buy(client)["payment"]
    body = {"payment_id": payment["id"], "reason": "customer_request", "amount": "10.00", "notes": "one too many"}
    asked = client.post("/api/payments/refund/request/", json=body)
    refund = asked.json["refund"]
    assert (asked.status_code, refund["status"], refund["admin_notes"]) == (201, "pending", "one too many")
    again = client.post("/api/payments/refund/request/", json=body)
    assert (again.status_code, again.json["code"]) == (409, "refund_already_requested")
    path = f"/api/payments/refunds/{refund['id']}/approve/"
    assert client.post(path, json={}).status_code == 403
    done = staff.post(path, json={"notes": "fine"})
    assert (done.status_code, done.json["refund"]["status"], done.json["refund"]["admin_notes"]) == (
        200, "completed", "fine")
    assert staff.post(path, json={}).json["code"] == "invalid_state"
    assert client.get("/api/payments/refunds/").json["results"] == [done.json["refund"]]
    assert outsider.get("/api/payments/refunds/").json["count"] == 0
    assert staff.get("/api/payments/refunds/?status=completed").json["count"] == 1
    assert client.get("/api/payments/history/").json["results"][0]["refunded_amount"] == "10.00"


def test_refunds_that_make_no_sense(people, as_user):
    client, outsider, staff = as_user(people.client()), as_user(people.client()), as_user(people.admin())
    payment = buy(client)["payment"]
    good = {"payment_id": payment["id"], "reason": "other"}
    for change in ({"amount": "20.01"}, {"amount": "-5.00"}, {"reason": "bogus"}, {"payment_id": 3}, {"reason": None}):
        assert client.post("/api/payments/refund/request/", json=good | change).status_code == 400
    assert outsider.post("/api/payments/refund/request/", json=good).status_code == 404
    assert client.post("/api/payments/refund/request/", json=good | {"payment_id": UNKNOWN}).status_code == 404
    refund = client.post("/api/payments/refund/request/", json=good).json["refund"]
    rejected = staff.post(f"/api/payments/refunds/{refund['id']}/reject/", json={"notes": "used"}).json["refund"]
    assert (rejected["status"], rejected["admin_notes"], rejected["processed_at"]) == ("rejected", "used", None)
    assert staff.post(f"/api/payments/refunds/{UNKNOWN}/approve/", json={}).status_code == 404


def test_a_top_up(people, as_user):
    client = as_user(people.client())
    order = client.post("/api/payment/create-order/", json={"amount": "500.50"}).json
    assert (order["amount"], order["currency"], order["razorpay_key"]) == (50_050, "INR", simulated_topups.KEY_ID)
    signed = {"razorpay_order_id": order["order_id"], "razorpay_payment_id": "pay_1", "amount": "500.50",
              "razorpay_signature": signature(simulated_topups.KEY_SECRET, order["order_id"], "pay_1")}
    for change in ({"razorpay_signature": "0" * 64}, {"amount": "0.01"}, {"amount": "-50"}):
        assert client.post("/api/payment/payment-success/", json=signed | change).status_code == 400
    for _ in range(2):
        done = client.post("/api/payment/payment-success", json=signed).json
        assert (done["success"], done["balance"]) == (True, "500.50")
    for amount in ("0", "-1", "abc", None, "NaN"):
        assert client.post("/api/payment/create-order/", json={"amount": amount}).status_code == 400

"""Payments, attempts, refunds and settlements over HTTP, in the shapes that tills know."""
import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from documents.payments import Payment
from services import merchant_reports, settlement_cycles
from tests.parallel import breaks
from tests.shops import shop as open_shop

PAYMENT_KEYS = {"id", "merchant", "user", "amount", "discount", "final_amount", "status", "transaction_id", "coupon",
                "settlement_created", "notes", "created_at"}


@pytest.fixture
def owner(people):
    return people.client()


@pytest.fixture
def till(owner, as_user):
    open_shop(owner)
    return as_user(owner)


@pytest.fixture
def customer(people, as_user, fund):
    person = people.client()
    fund(person, "500.00")
    return as_user(person)


@pytest.fixture
def stranger(people, as_user):
    """The owner of another shop."""
    person = people.client()
    open_shop(person)
    return as_user(person)


@pytest.fixture
def staff(people, as_user):
    return as_user(people.admin())


def create(till, amount: object = "100.00", **body) -> str:
    answer = till.post("/api/payments/create/", json={"amount": amount, **body})
    assert answer.status_code == 201, answer.json
    return answer.json["payment"]["id"]


def take(till, amount: str = "100.00", **body) -> str:
    payment = create(till, amount)
    assert till.post(f"/api/payments/verify/{payment}/", json={"status": "SUCCESS", **body}).status_code == 200
    return payment


class TestPaying:
    def test_the_shapes_of_the_contract(self, till, customer):
        made = till.post("/api/payments/create/", json={"amount": 250.5, "coupon_code": ""}).json
        assert made["message"] == "Payment created"
        payment = made["payment"]
        assert payment.keys() >= PAYMENT_KEYS
        assert (payment["amount"], payment["discount"], payment["final_amount"], payment["status"]) == (
            "250.50", "0.00", "250.50", "PENDING")
        assert payment["qr_payload"] == f"purser://pay/{payment['id']}"
        scanned = customer.post(f"/api/payments/scan/{payment['id']}/")
        assert (scanned.status_code, scanned.json["message"], scanned.json["status"]) == (200, "QR scanned", "SCANNED")
        assert customer.get(f"/api/payments/{payment['id']}/").json["status"] == "SCANNED"
        paid = customer.post(f"/api/payments/pay/{payment['id']}/", json={})
        assert (paid.status_code, paid.json["status"]) == (200, "SUCCESS")
        (listed,) = till.get("/api/payments/list/").json
        assert (listed["status"], listed["payment_method"]) == ("SUCCESS", "wallet")
        assert listed["settlement_created"] is False
        (attempt,) = till.get("/api/transactions/list/").json
        assert (attempt["payment"], attempt["status"], attempt["logs"][0]["id"]) == (payment["id"], "SUCCESS", 1)
        assert breaks() == []

    @pytest.mark.parametrize("amount", ["0", "0.00", "-1", "1.001", 0, -5, "abc", None, True, [], {"$gt": 0}, "NaN",
                                        "100000000.00", 1e10])
    def test_a_bad_amount_makes_nothing(self, till, amount):
        answer = till.post("/api/payments/create/", json={"amount": amount})
        assert (answer.status_code, list(answer.json["errors"])) == (400, ["amount"])
        assert Payment.collection().count_documents({}) == 0

    def test_states_and_races_lost_are_conflicts(self, till, customer):
        payment = take(till)
        for client, path, body in ((till, "verify", {"status": "SUCCESS"}), (till, "verify", {"status": "FAILED"}),
                                   (till, "cancel", {}), (customer, "pay", {}), (customer, "scan", {})):
            answer = client.post(f"/api/payments/{path}/{payment}/", json=body)
            assert (answer.status_code, answer.json["code"]) == (409, "invalid_state")
        assert till.post(f"/api/payments/verify/{payment}/", json={"status": "REFUNDED"}).status_code == 400

    def test_too_little_money_is_a_conflict_that_moves_nothing(self, till, customer):
        payment = create(till, "500.01")
        answer = customer.post(f"/api/payments/pay/{payment}/", json={})
        assert (answer.status_code, answer.json["code"]) == (409, "insufficient_funds")
        assert till.get(f"/api/payments/{payment}/").json["status"] == "PENDING"

    def test_a_key_makes_repeats_harmless(self, till, customer):
        headers = {"Idempotency-Key": "one"}
        answers = [till.post("/api/payments/create/", json={"amount": "5.00"}, headers=headers) for _ in range(3)]
        assert len({answer.json["payment"]["id"] for answer in answers}) == 1
        payment = answers[0].json["payment"]["id"]
        paid = [customer.post(f"/api/payments/pay/{payment}/", json={}, headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in paid] == [200] * 3
        assert [answer.headers.get("Idempotency-Replayed") for answer in paid] == [None, "true", "true"]
        assert breaks() == []

    def test_an_expired_payment_has_failed_before_any_job_ran(self, till, move_clock):
        payment = create(till)
        move_clock(timedelta(minutes=15, seconds=1))
        shown = till.get(f"/api/payments/{payment}/").json
        assert (shown["status"], shown["failure"]) == ("FAILED", "expired")
        assert [row["id"] for row in till.get("/api/payments/list/?status=FAILED").json] == [payment]
        assert till.get("/api/payments/list/?status=PENDING").json == []

    def test_lists_are_filtered_and_paged(self, till):
        cash, upi = take(till, method="cash"), take(till, method="upi")
        create(till)
        assert [row["id"] for row in till.get("/api/payments/list/?method=cash").json] == [cash]
        assert {row["id"] for row in till.get("/api/payments/list/?status=SUCCESS").json} == {cash, upi}
        page = till.get("/api/payments/list/?page=1&page_size=2").json
        assert (page["count"], len(page["results"]), page["total_pages"]) == (3, 2, 2)
        assert till.get("/api/payments/list/?status=PAID").status_code == 400
        assert till.get("/api/payments/list/?start_date=2020-01-01&end_date=2020-01-02").json == []

    def test_the_qr_code_is_a_picture(self, till, stranger):
        payment = create(till)
        for kind, mimetype in (("svg", "image/svg+xml"), ("png", "image/png")):
            assert till.get(f"/api/payments/{payment}/qr/?format={kind}").mimetype == mimetype
        assert stranger.get(f"/api/payments/{payment}/qr/").status_code == 404


class TestAttempts:
    def test_an_attempt_is_opened_once_and_told(self, till):
        payment = create(till)
        opened = till.post(f"/api/transactions/create/{payment}/")
        assert (opened.status_code, opened.json["status"], opened.json["gateway_transaction_id"]) == (
            201, "INITIATED", "UPI")
        again = till.post(f"/api/transactions/create/{payment}/")
        assert (again.status_code, again.json["detail"]) == (200, "Transaction already exists.")
        attempt = opened.json["id"]
        assert till.post(f"/api/transactions/update/{attempt}/", json={"status": "FAILED"}).json["status"] == "FAILED"
        second = till.post(f"/api/transactions/create/{payment}/").json["id"]
        done = till.post(f"/api/transactions/update/{second}/", json={"status": "SUCCESS"}).json
        assert (done["detail"], done["status"]) == ("Transaction updated", "SUCCESS")
        assert [line["message"] for line in done["transaction"]["logs"]] == [
            "Transaction initiated", "Transaction updated to SUCCESS"]
        assert till.get(f"/api/payments/{payment}/").json["status"] == "SUCCESS"
        back = till.post(f"/api/transactions/update/{second}/", json={"status": "REFUNDED"}).json
        assert back["status"] == "REFUNDED"
        assert till.get(f"/api/payments/{payment}/").json["status"] == "REFUNDED"
        for status in ("SUCCESS", "FAILED", "REFUNDED"):
            assert till.post(f"/api/transactions/update/{second}/", json={"status": status}).status_code == 409
        assert till.post(f"/api/transactions/update/{second}/", json={"status": "INITIATED"}).status_code == 400
        assert breaks() == []

    def test_an_attempt_ends_with_its_payment(self, till):
        payment = create(till)
        attempt = till.post(f"/api/transactions/create/{payment}/").json["id"]
        till.post(f"/api/payments/cancel/{payment}/")
        (row,) = till.get("/api/transactions/list/").json
        assert (row["id"], row["status"]) == (attempt, "FAILED")
        late = create(till)
        till.post(f"/api/payments/cancel/{late}/")
        assert till.post(f"/api/transactions/create/{late}/").status_code == 409


class TestRefundsAndSettlements:
    def test_refunds_are_listed_and_capped(self, till, customer):
        payment = take(till)
        first = till.post(f"/api/payments/refund/{payment}/", json={"amount": "60.00", "reason": "Broken"})
        assert (first.status_code, first.json["refund"]["status"]) == (201, "completed")
        second = till.post(f"/api/payments/refund/{payment}/", json={"amount": "60.00"})
        assert (second.status_code, second.json["code"]) == (409, "not_refundable")
        assert till.get(f"/api/payments/{payment}/").json["refunded_amount"] == "60.00"
        assert [row["amount"] for row in till.get(f"/api/payments/{payment}/refunds/").json["results"]] == ["60.00"]
        assert customer.post(f"/api/payments/refund/{payment}/", json={}).status_code == 404

    def test_from_payment_to_bank(self, till, staff, move_clock):
        take(till)
        too_much = till.post("/api/settlements/create/", json={"amount": "100.01"})
        assert (too_much.status_code, too_much.json["code"]) == (409, "exceeds_receivable")
        for bad in ("abc", "-5", "0", None):
            assert till.post("/api/settlements/create/", json={"amount": bad}).status_code == 400
        move_clock(timedelta(days=1))
        settlement_cycles.close_due()
        (row,) = till.get("/api/settlements/list/").json
        assert (row["amount"], row["status"], row["gross"], row["net"]) == ("100.00", "PENDING", "100.00", "100.00")
        assert till.get("/api/payments/list/").json[0]["settlement_created"] is True
        assert till.post(f"/api/settlements/mark-paid/{row['id']}/").status_code == 403
        paid = staff.post(f"/api/settlements/mark-paid/{row['id']}/")
        assert (paid.json["message"], paid.json["status"]) == ("Settlement marked as PAID", "PAID")
        assert staff.post(f"/api/settlements/mark-paid/{row['id']}/").status_code == 409
        assert staff.get("/api/settlements/list/?status=PAID").json[0]["id"] == row["id"]
        assert breaks() == []

    def test_the_statement_as_a_file(self, till):
        payment = take(till, method="cash")
        take(till, "20.00")
        till.post(f"/api/payments/refund/{payment}/", json={"amount": "40.00", "reason": "=1+1"})
        made = till.post("/api/settlements/create/", json={"amount": "20.00"}).json["id"]
        answer = till.get(f"/api/settlements/statement/{made}/?format=csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [(row["type"], row["method"], row["net"]) for row in rows] == [
            ("payment", "cash", "100.00"), ("payment", "upi", "20.00"), ("refund", "cash", "-40.00")]
        assert rows[2]["notes"] == "'=1+1"
        body = till.get(f"/api/settlements/statement/{made}/").json
        assert (len(body["lines"]), body["settlement"]["collected_in_cash"]) == (3, "60.00")


class TestFigures:
    def test_kpis_and_series_are_numbers(self, till, staff):
        payment = take(till, "250.50")
        take(till, "49.50")
        till.post(f"/api/payments/refund/{payment}/", json={"amount": "0.50"})
        made = till.post("/api/settlements/create/", json={"amount": "100.00"}).json
        staff.post(f"/api/settlements/mark-paid/{made['id']}/")
        assert till.get("/api/analytics/kpis/").json == {
            "total_revenue": 299.5, "paid_settlements": 100.0, "pending_settlements": 199.5}
        series = till.get("/api/analytics/merchant/?range=30d").json
        assert series["kpis"] == {"revenue": 299.5, "transactions": 2}
        assert [(day["revenue"], day["tx"]) for day in series["graph"]] == [(299.5, 2)]

    def test_the_board_is_for_staff(self, till, stranger, staff):
        take(stranger, "5.00")
        take(till, "7.00")
        board = staff.get("/api/analytics/top-merchants/").json["results"]
        assert [row["revenue"] for row in board] == [7.0, 5.0]
        assert till.get("/api/analytics/top-merchants/").status_code == 403

    def test_days_roll_up_and_change_no_figure(self, till, move_clock):
        for day in range(3):
            move_clock(timedelta(days=day))
            payment = take(till, f"{10 * (day + 1)}.00")
        till.post(f"/api/payments/refund/{payment}/", json={"amount": "5.00"})

        def figures() -> list:
            return [till.get(f"/api/analytics/{path}").json for path in ("kpis/", "merchant/?range=90d")]

        before = figures()
        assert merchant_reports.roll_up() == 2
        assert merchant_reports.roll_up() == 0
        assert figures() == before
        assert [day["revenue"] for day in before[1]["graph"]] == [10.0, 20.0, 25.0]
        assert breaks() == []


def _calls(payment: str, attempt: str, settlement: str, merchant: int) -> list[Callable]:
    """Everything that speaks of one shop's things by their id."""
    posts = [(f"payments/scan/{payment}/", {}), (f"payments/verify/{payment}/", {"status": "SUCCESS"}),
             (f"payments/cancel/{payment}/", {}), (f"payments/pay/{payment}/", {}),
             (f"payments/refund/{payment}/", {}), (f"transactions/create/{payment}/", {}),
             (f"transactions/update/{attempt}/", {"status": "SUCCESS"}),
             ("payments/create/", {"amount": "1.00", "merchant": merchant}),
             ("settlements/create/", {"amount": "1.00", "merchant": merchant})]
    gets = [f"payments/{payment}/", f"payments/{payment}/refunds/", f"payments/{payment}/qr/",
            f"settlements/{settlement}/", f"settlements/statement/{settlement}/",
            f"analytics/kpis/?merchant={merchant}", f"analytics/merchant/?merchant={merchant}",
            f"merchants/{merchant}/"]
    return [*((lambda c, p=path, b=body: c.post(f"/api/{p}", json=b)) for path, body in posts),
            *((lambda c, p=path: c.get(f"/api/{p}")) for path in gets)]


def test_nobody_reads_or_changes_another_shops_anything(till, stranger, client):
    take(till)
    settlement = till.post("/api/settlements/create/", json={"amount": "10.00"}).json["id"]
    payment = create(till)
    attempt = till.post(f"/api/transactions/create/{payment}/").json["id"]
    merchant = till.get("/api/merchants/me/").json["id"]
    before = till.get("/api/payments/list/").json, till.get("/api/transactions/list/").json
    for call in _calls(payment, attempt, settlement, merchant):
        assert call(stranger).status_code == 404
        assert call(client).status_code == 401
    assert (till.get("/api/payments/list/").json, till.get("/api/transactions/list/").json) == before
    for path in ("payments", "transactions", "settlements"):
        assert stranger.get(f"/api/{path}/list/").json == []
        assert stranger.get(f"/api/{path}/list/?merchant={merchant}").json == []
    for path in ("payments/scan", "payments/verify", "transactions/create", "transactions/update",
                 "settlements/mark-paid", "payments/refund"):
        assert till.post(f"/api/{path}/{'0' * 8}-0000-7000-8000-{'0' * 12}/",
                         json={"status": "SUCCESS"}).status_code in (403, 404)
        assert till.post(f"/api/{path}/17/", json={}).status_code == 404

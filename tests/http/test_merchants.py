"""Merchants over HTTP: one a person, facts merged, papers judged by their bytes, staff with effect."""
import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from documents.merchants import Merchant
from services import kyc

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
                    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082")
ACCOUNT = {"name": "Reker", "bank_name": "HDFC", "account_number": "501", "ifsc": "HDFC0000001"}
CREATE = {"name": "Reker Shop", "address": "Bangalore", "business_type": "Retail", "gst_number": "29ABCDE1234F1Z5"}


@pytest.fixture
def owner(people):
    return people.client()


@pytest.fixture
def shop(owner, as_user):
    client = as_user(owner)
    client.post("/api/merchants/create/", json=CREATE)
    return client


def test_the_documented_request_opens_a_shop_and_a_second_is_refused(owner, as_user):
    client = as_user(owner)
    made = client.post("/api/merchants/create/", json=CREATE)
    assert made.status_code == 201
    body = made.json
    assert {name: body[name] for name in ("name", "business_name", "business_type", "gst_number", "address", "user",
                                          "phone", "is_active", "bank_accounts")} == {
        "name": "Reker Shop", "business_name": "Reker Shop", "business_type": "Retail",
        "gst_number": "29ABCDE1234F1Z5", "address": "Bangalore", "user": owner.id, "phone": owner.phone,
        "is_active": True, "bank_accounts": []}
    assert body["settings"] == {"auto_settlement": True, "settlement_cycle": "T+1", "notification_email": None,
                                "notification_sms": True}
    again = client.post("/api/merchants/", json={"business_name": "Second"})
    assert (again.status_code, again.json["code"]) == (409, "merchant_exists")
    assert client.get("/api/merchants/profile/").json["id"] == body["id"]


def test_nobody_has_a_shop_without_creating_it(owner, as_user):
    client = as_user(owner)
    assert client.get("/api/merchants/me/").status_code == 404
    assert client.get("/api/merchants/").json["results"] == []
    for path in ("/api/payments/list/", "/api/transactions/list/", "/api/settlements/list/"):
        assert client.get(path).json == []
    refused = client.post("/api/payments/create/", json={"amount": "1.00"})
    assert (refused.status_code, refused.json["code"]) == (403, "merchant_required")


@pytest.mark.parametrize(("field", "value"), [
    ("business_name", ""), ("business_name", None), ("business_name", {"$ne": ""}), ("gst_number", "29ABCDE1234F1"),
    ("gst_number", "99"), ("gst_number", "39ABCDE1234F1Z5"), ("phone", "12"), ("email", "nobody"),
    ("settings", {"settlement_cycle": "T+9"}), ("settings", "x"), ("bank_accounts", [{"name": "x"}]),
    ("bank_accounts", [ACCOUNT, ACCOUNT]), ("bank_accounts", [{**ACCOUNT, "account_number": "\x00"}]),
    ("bank_accounts", [{**ACCOUNT, "is_primary": True}, {**ACCOUNT, "account_number": "2", "is_primary": True}]),
])
def test_bad_facts_name_their_field_and_make_nothing(owner, as_user, field, value):
    answer = as_user(owner).post("/api/merchants/", json={"business_name": "Shop", field: value})
    assert answer.status_code == 400
    assert field in answer.json["errors"]
    assert Merchant.collection().count_documents({}) == 0


def test_settings_are_merged_and_accounts_replaced(shop):
    merchant = shop.get("/api/merchants/me/").json
    path = f"/api/merchants/{merchant['id']}/"
    changed = shop.patch(path, json={"settings": {"settlement_cycle": "T+2"}, "bank_accounts": [
        ACCOUNT, {**ACCOUNT, "account_number": "502"}]}).json
    assert changed["settings"] == {**merchant["settings"], "settlement_cycle": "T+2"}
    assert [account["is_primary"] for account in changed["bank_accounts"]] == [True, False]
    replaced = shop.put(path, json={"business_name": "New", "email": "", "bank_accounts": [
        {**ACCOUNT, "account_number": "503"}, {**ACCOUNT, "account_number": "504", "is_primary": True}],
        "user": 1, "is_active": False, "id": 99}).json
    assert (replaced["business_name"], replaced["email"], replaced["id"]) == ("New", None, merchant["id"])
    assert (replaced["user"], replaced["is_active"]) == (merchant["user"], True)
    assert [(account["account_number"], account["is_primary"]) for account in replaced["bank_accounts"]] == [
        ("503", False), ("504", True)]
    assert shop.put(path, json={"phone": merchant["phone"]}).status_code == 400
    assert shop.patch(path, json={"bank_accounts": []}).json["bank_accounts"] == []


def test_strangers_find_nothing(shop, people, as_user):
    merchant = shop.get("/api/merchants/me/").json["id"]
    shop.post("/api/merchants/upload_kyc/", data={"document": (io.BytesIO(PNG), "a.png")})
    paper = shop.get("/api/merchants/kyc/").json["results"][0]["id"]
    stranger = as_user(people.client())
    stranger.post("/api/merchants/", json={"business_name": "Other"})
    for call in (stranger.get(f"/api/merchants/{merchant}/"), stranger.delete(f"/api/merchants/{merchant}/"),
                 stranger.patch(f"/api/merchants/{merchant}/", json={"business_name": "Mine"}),
                 stranger.get(f"/api/merchants/kyc/?merchant={merchant}"),
                 stranger.get(f"/api/merchants/kyc/{paper}/")):
        assert (call.status_code, call.json["code"]) == (404, "not_found")
    assert stranger.post(f"/api/merchants/{merchant}/deactivate/").status_code == 403
    assert stranger.get("/api/merchants/list/").json["count"] == 1


def test_a_closed_shop_can_be_opened_again(shop):
    merchant = shop.get("/api/merchants/me/").json["id"]
    assert shop.delete(f"/api/merchants/{merchant}/").status_code == 204
    assert shop.get("/api/merchants/me/").status_code == 404
    assert shop.post("/api/payments/create/", json={"amount": "1.00"}).status_code == 403
    again = shop.post("/api/merchants/", json={"business_name": "Again"})
    assert (again.status_code, again.json["id"]) == (201, merchant)


class TestStaff:
    def test_staff_search_and_switch_with_effect(self, shop, people, as_user):
        admin = as_user(people.admin())
        merchant = shop.get("/api/merchants/me/").json["id"]
        found = admin.get("/api/merchants/?search=reker&is_active=true").json["results"]
        assert [row["id"] for row in found] == [merchant]
        assert admin.get("/api/merchants/?search=nowhere").json["count"] == 0
        off = admin.post(f"/api/merchants/{merchant}/deactivate/")
        assert (off.status_code, off.json["is_active"]) == (200, False)
        refused = shop.post("/api/payments/create/", json={"amount": "1.00"})
        assert (refused.status_code, refused.json["code"]) == (409, "merchant_inactive")
        assert admin.get("/api/merchants/?is_active=false").json["count"] == 1
        admin.post(f"/api/merchants/{merchant}/activate/")
        assert shop.post("/api/payments/create/", json={"amount": "1.00"}).status_code == 201
        assert admin.post("/api/merchants/999999/activate/").status_code == 404


class TestCashiers:
    def test_a_cashier_is_added_listed_and_removed(self, shop, people, as_user):
        cashier = people.client()
        added = shop.post("/api/merchants/me/cashiers/", json={"email": cashier.email})
        assert (added.status_code, added.json["cashier"]["user"]) == (201, cashier.id)
        assert shop.post("/api/merchants/me/cashiers/", json={"phone": cashier.phone}).status_code == 409
        assert shop.post("/api/merchants/me/cashiers/", json={"email": "no@no.example"}).status_code == 400
        assert [row["email"] for row in shop.get("/api/merchants/me/cashiers/").json["results"]] == [cashier.email]
        till = as_user(cashier)
        payment = till.post("/api/payments/create/", json={"amount": "5.00"}).json["payment"]["id"]
        assert till.post(f"/api/payments/verify/{payment}/", json={"status": "SUCCESS"}).status_code == 200
        assert [row["id"] for row in till.get("/api/payments/list/").json] == [payment]
        for call in (till.post(f"/api/payments/refund/{payment}/", json={}), till.get("/api/analytics/kpis/"),
                     till.post("/api/settlements/create/", json={"amount": "1.00"}),
                     till.get("/api/merchants/me/cashiers/")):
            assert call.status_code == 403
        assert till.get("/api/merchants/me/").status_code == 404
        assert till.get("/api/settlements/list/").json == []
        assert shop.delete(f"/api/merchants/me/cashiers/{cashier.id}/").status_code == 204
        assert shop.delete(f"/api/merchants/me/cashiers/{cashier.id}/").status_code == 404
        assert till.post("/api/payments/create/", json={"amount": "5.00"}).status_code == 403


class TestPapers:
    def upload(self, client, content: bytes, name: str = "scan.pdf"):
        # Encoded here: the test client would spool it into a file that it leaves open.
        boundary, body = encode_multipart({"document": FileStorage(io.BytesIO(content), filename=name)})
        return client.post("/api/merchants/upload_kyc/", data=body,
                           content_type=f"multipart/form-data; boundary={boundary}")

    def test_a_paper_is_judged_by_its_bytes_and_named_by_chance(self, shop, people, as_user):
        sent = self.upload(shop, PNG, "../../etc/passwd.pdf")
        assert (sent.status_code, sent.json["document"]["content_type"]) == (201, "image/png")
        assert "passwd" not in sent.json["path"]
        got = shop.get(sent.json["path"])
        assert (got.data, got.mimetype) == (PNG, "image/png")
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        merchant = shop.get("/api/merchants/me/").json["id"]
        admin = as_user(people.admin())
        assert admin.get(f"/api/merchants/kyc/?merchant={merchant}").json["count"] == 1
        assert admin.get(sent.json["path"]).data == PNG

    @pytest.mark.parametrize("content", [b"", b"#!/bin/sh\necho", b"<html><script>alert(1)</script></html>",
                                         b"MZ" + b"\0" * 200, b"GIF89a" + b"\0" * 50])
    def test_other_files_are_refused(self, shop, content):
        refused = self.upload(shop, content, "scan.png")
        assert (refused.status_code, list(refused.json["errors"])) == (400, ["document"])
        assert shop.get("/api/merchants/kyc/").json["count"] == 0

    def test_size_and_presence(self, shop):
        assert self.upload(shop, PNG + b"\0" * (kyc.MAX_BYTES - len(PNG))).status_code == 201
        assert self.upload(shop, PNG + b"\0" * kyc.MAX_BYTES).status_code in (400, 413)
        assert shop.post("/api/merchants/upload_kyc/").status_code == 400

"""Coupons in people's hands over HTTP: assigned, offered, scanned; and codes in bulk."""
import csv
import io
import re
from datetime import timedelta

import jwt
import pytest

from config import settings as settings_module
from documents import clock
from documents.coupon_scans import CouponScan
from documents.coupons import Coupon
from services import coupon_batches, merchants
from tests.couponing import coupon
from tests.queries import counted

BASE = "/api/coupons"
PHONE = "+919812345678"


@pytest.fixture
def shop(people):
    """The owner of a shop."""
    owner = people.client()
    merchants.create(owner=owner, business_name="Corner shop")
    return owner


@pytest.fixture
def rival(people):
    owner = people.client()
    merchants.create(owner=owner, business_name="Rival shop")
    return owner


@pytest.fixture
def give(as_user, shop):
    """Make a coupon of the shop's and assign it to PHONE."""
    merchant = merchants.own(shop).id

    def make(code, hours=24 * 30, phone=PHONE, **terms):
        made = coupon(code=code, merchant=merchant, expiry_date=clock.now() + timedelta(hours=hours), **terms)
        answered = as_user(shop).post(f"{BASE}/assign/", json={"phone": phone, "coupon_code": code.lower()})
        assert (answered.status_code, answered.json) == (201, {"message": "Coupon assigned", "created": True})
        return made
    return make


class TestOffers:
    def test_assigning_twice_is_the_same(self, as_user, give, shop):
        give("ONE")
        again = as_user(shop).post(f"{BASE}/assign/", json={"phone": "9812345678", "coupon_code": "ONE"})
        assert (again.status_code, again.json["created"]) == (201, False)

    def test_the_best_the_expiring_and_the_rest(self, as_user, give, shop):
        give("FLAT20", discount_value=2000)
        give("TENTH", discount_type="percent", discount_value=1000)
        give("SOON5", hours=5, discount_value=500)
        give("SOON9", hours=9, discount_value=900)
        give("BIG", min_order_amount=100_000, discount_value=90_000)
        give("OFF", is_active=False)
        found = as_user(shop).post(f"{BASE}/by-phone/", json={"phone": "9812345678", "order_amount": 500}).json
        assert found["best_coupon"]["code"] == "TENTH"
        assert found["expiring_coupon"]["code"] == "SOON5"
        assert [row["code"] for row in found["other_coupons"]] == ["FLAT20", "SOON9"]
        assert found["has_expiring_override"] is True

    def test_all_that_is_left_expires(self, as_user, give, shop):
        give("SOON", hours=3)
        found = as_user(shop).post(f"{BASE}/by-phone/", json={"phone": PHONE}).json
        assert (found["best_coupon"], found["expiring_coupon"]["code"], found["other_coupons"],
                found["has_expiring_override"]) == (None, "SOON", [], False)

    def test_barcodes(self, as_user, give, shop):
        give("FLAT20", discount_value=2000), give("FLAT10"), give("SOON", hours=3)
        found = as_user(shop).post(f"{BASE}/best-barcode/", json={"phone": PHONE, "order_amount": "15.00"}).json
        best, expiring = found["best_barcode"], found["expiring_barcode"]
        assert (best["barcode_value"], best["discount"], best["auto_applied"], best["coupon"]["code"]) == (
            "FLAT20", 15.0, True, "FLAT20")
        assert (expiring["barcode_value"], expiring["auto_applied"], expiring["expiring"]) == ("SOON", False, True)
        assert [(row["barcode_value"], row["discount"], row["expiring"]) for row in found["other_barcodes"]] == [
            ("FLAT10", 10.0, False)]

    def test_who_may_look_into_whose_hands(self, as_user, give, shop, rival, people):
        give("MINE"), coupon(code="HOUSE")
        as_user(people.admin()).post(f"{BASE}/assign/", json={"phone": PHONE, "coupon_code": "HOUSE"})

        def codes(user):
            found = as_user(user).post(f"{BASE}/by-phone/", json={"phone": PHONE})
            if found.status_code == 404:
                assert found.json["error"] == "No applicable coupons"
                return []
            return sorted(row["code"] for row in [found.json["best_coupon"], *found.json["other_coupons"]])

        assert codes(shop) == ["HOUSE", "MINE"]
        assert codes(rival) == ["HOUSE"]
        assert codes(people.client()) == []
        assert codes(people.client(phone=PHONE, unproven=["phone"])) == []

    def test_a_customer_sees_its_own(self, as_user, give, people):
        give("MINE")
        owner = people.client(phone=PHONE)
        assert as_user(owner).post(f"{BASE}/by-phone/", json={"phone": PHONE}).json["best_coupon"]["code"] == "MINE"

    @pytest.mark.parametrize("body", [{"phone": "12"}, {"phone": None}, {"phone": PHONE, "order_amount": "x"},
                                      {"phone": {"$gt": ""}}, {}])
    def test_bad_input(self, as_user, shop, body):
        assert as_user(shop).post(f"{BASE}/by-phone/", json=body).status_code == 400

    def test_more_coupons_ask_no_more_queries(self, as_user, give, shop):
        client, counts = as_user(shop), []
        for number in range(8):
            give(f"N{number}", per_customer_limit=1, audience="assigned")
            client.post(f"{BASE}/by-phone/", json={"phone": PHONE})
            with counted() as names:
                client.post(f"{BASE}/by-phone/", json={"phone": PHONE})
            counts.append(len(names))
        assert counts[0] == counts[-1]


class TestQr:
    def test_show_and_scan_once(self, as_user, give, shop):
        made = give("MINE", audience="assigned")
        shown = as_user(shop).post(f"{BASE}/qr/{made.id}/", json={"phone": PHONE}).json
        claims = jwt.decode(shown["qr_token"], options={"verify_signature": False})
        assert (claims["type"], claims["coupon_id"], claims["user_id"]) == ("COUPON_QR", str(made.id), shop.id)
        scanned = as_user(shop).post(f"{BASE}/scan/", json={"token": shown["qr_token"], "order_amount": 0})
        assert (scanned.status_code, scanned.json["coupon"]["code"], scanned.json["phone"]) == (200, "MINE", PHONE)
        again = as_user(shop).post(f"{BASE}/scan/", json={"token": shown["qr_token"]})
        assert (again.status_code, again.json["error"]) == (409, "Coupon already used")
        assert Coupon.get(made.id).used_count == 0

    def test_a_customer_shows_what_it_holds(self, as_user, give, shop, people):
        made = give("MINE", audience="assigned")
        customer = as_user(people.client(phone=PHONE))
        token = customer.post(f"{BASE}/qr/{made.id}/").json["qr_token"]
        assert as_user(shop).post(f"{BASE}/scan/", json={"token": token}).json["phone"] == PHONE

    def test_another_till_cannot_scan_it_nor_use_it_up(self, as_user, give, shop, rival):
        made = give("MINE")
        token = as_user(shop).post(f"{BASE}/qr/{made.id}/").json["qr_token"]
        assert as_user(rival).post(f"{BASE}/scan/", json={"token": token}).status_code == 404
        assert CouponScan.find_one({}) is None
        assert as_user(shop).post(f"{BASE}/scan/", json={"token": token}).status_code == 200

    def test_five_minutes(self, as_user, give, shop, move_clock):
        made = give("MINE")
        token = as_user(shop).post(f"{BASE}/qr/{made.id}/").json["qr_token"]
        move_clock(timedelta(minutes=5, seconds=1))
        late = as_user(shop).post(f"{BASE}/scan/", json={"token": token})
        assert (late.status_code, late.json["error"], late.json["code"]) == (
            400, "Invalid / Expired QR", "coupon_qr_invalid")

    def test_no_other_token_passes(self, as_user, give, shop):
        made = give("MINE")
        client = as_user(shop)
        token = client.post(f"{BASE}/qr/{made.id}/").json["qr_token"]
        access = client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        claims = jwt.decode(token, options={"verify_signature": False})
        key = settings_module.current().key_for("coupon-qr")
        forged = [access, token[:-2], "", "x.y.z", jwt.encode(claims, "0" * 32, algorithm="HS256"),
                  jwt.encode(claims, None, algorithm="none"),
                  jwt.encode({**claims, "type": "VOUCHER_QR"}, key, algorithm="HS256")]
        assert [client.post(f"{BASE}/scan/", json={"token": text}).status_code for text in forged] == [400] * 7
        assert client.get("/api/auth/profile/", headers={"Authorization": f"Bearer {token}"}).status_code == 401

    def test_what_cannot_be_used_is_not_shown(self, as_user, give, shop):
        expired = give("LATE", hours=1)
        Coupon.change({"_id": expired.id}, {"$set": {"expiry_date": clock.now() - timedelta(seconds=1)}})
        assert as_user(shop).post(f"{BASE}/qr/{expired.id}/").json["code"] == "coupon_expired"

    @pytest.mark.parametrize(("picture", "start", "content_type"), [
        ("svg", b"<?xml", "image/svg+xml"), ("png", b"\x89PNG", "image/png")])
    def test_pictures(self, as_user, give, shop, picture, start, content_type):
        made, client = give("MINE"), as_user(shop)
        for answered in (client.post(f"{BASE}/qr/{made.id}/", json={"picture": picture}),
                         client.get(f"{BASE}/{made.id}/barcode/?picture={picture}")):
            assert (answered.status_code, answered.content_type) == (200, content_type)
            assert answered.data.startswith(start)


class TestBulk:
    def ordered(self, client, **changes):
        return client.post(f"{BASE}/bulk/", json={
            "count": 25, "prefix": "diwali-", "discount_type": "flat", "discount_value": "50",
            "expiry_date": (clock.now() + timedelta(days=30)).isoformat(), **changes})

    def test_from_the_order_to_the_file(self, as_user, shop):
        client = as_user(shop)
        ordered = self.ordered(client)
        batch = ordered.json["batch"]
        path = f"{BASE}/bulk/{batch['id']}"
        assert (ordered.status_code, batch["status"], batch["done"]) == (202, "queued", 0)
        assert coupon_batches.make_due() == 1
        shown = client.get(f"{path}/").json
        assert (shown["status"], shown["done"], shown["count"]) == ("done", 25, 25)
        answered = client.get(f"{path}/codes/")
        rows = list(csv.DictReader(io.StringIO(answered.text)))
        assert answered.content_type.startswith("text/csv")
        assert [row["number"] for row in rows] == [str(number) for number in range(1, 26)]
        assert len({row["code"] for row in rows}) == 25
        assert all(re.fullmatch("DIWALI-[0-9A-HJKMNP-TV-Z]{12}", row["code"]) for row in rows)
        used = [client.post(f"{BASE}/apply/", json={"code": rows[3]["code"].lower(), "order_amount": 80}).status_code
                for _ in range(2)]
        assert used == [200, 409]

    def test_they_do_not_crowd_the_list(self, as_user, shop):
        client = as_user(shop)
        batch = self.ordered(client).json["batch"]["id"]
        coupon_batches.make_due()
        assert client.get(f"{BASE}/list/").json == []
        assert len(client.get(f"{BASE}/list/?batch={batch}").json) == 25

    @pytest.mark.parametrize("change", [{"count": 0}, {"count": 100_001}, {"count": None}, {"prefix": "A B"},
                                        {"prefix": "NINELONGX"}, {"discount_value": "-5"}])
    def test_bad_orders(self, as_user, shop, change):
        assert self.ordered(as_user(shop), **change).status_code == 400

    def test_others_find_no_batch(self, as_user, shop, rival, people):
        batch = self.ordered(as_user(shop)).json["batch"]["id"]
        for user in (rival, people.client()):
            client = as_user(user)
            assert client.get(f"{BASE}/bulk/{batch}/").status_code == 404
            assert client.get(f"{BASE}/bulk/{batch}/codes/").status_code == 404
            assert client.get(f"{BASE}/bulk/").json["count"] == 0

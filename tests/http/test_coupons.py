"""Coupons over HTTP: the shapes old clients read, and who may do what."""
from datetime import timedelta

import pytest

from documents import clock
from documents.coupons import Coupon
from documents.redemptions import Redemption
from services import cashiers, merchants
from tests.parallel import breaks

BASE = "/api/coupons"
CUSTOMER = "+919812345678"


def terms(**changes):
    return {"code": "save10", "discount_type": "percent", "discount_value": "10", "max_discount_amount": "50.00",
            "min_order_amount": "100", "usage_limit": 5,
            "expiry_date": (clock.now() + timedelta(days=30)).isoformat(), **changes}


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
def make(as_user, shop):
    """Make a coupon of the shop's and answer it as JSON."""
    def create(**changes):
        answered = as_user(shop).post(f"{BASE}/create/", json=terms(**changes))
        assert answered.status_code == 201, answered.json
        return answered.json["coupon"]
    return create


class TestMaking:
    def test_the_contracts_shape(self, make, shop):
        made = make(usage_limit=None)
        assert {name: made[name] for name in (
            "code", "discount_type", "discount_value", "min_order_amount", "max_discount_amount", "usage_limit",
            "used_count", "is_active", "created_by", "funded_by", "applies_to")} == {
            "code": "SAVE10", "discount_type": "percent", "discount_value": "10.00", "min_order_amount": "100.00",
            "max_discount_amount": "50.00", "usage_limit": None, "used_count": 0, "is_active": True,
            "created_by": shop.id, "funded_by": "merchant", "applies_to": ["POS"]}

    def test_defaults(self, make):
        made = make(**dict.fromkeys(["max_discount_amount"]), discount_type="flat")
        assert (made["usage_limit"], made["max_discount_amount"], made["audience"]) == (5, None, "all")
        assert made["start_date"] <= clock.now().isoformat()

    @pytest.mark.parametrize(("change", "field"), [
        ({"discount_value": "-1"}, "discount_value"), ({"discount_value": "100.01"}, "discount_value"),
        ({"discount_value": "0"}, "discount_value"), ({"usage_limit": -1}, "usage_limit"),
        ({"usage_limit": 0}, "usage_limit"), ({"code": "two words"}, "code"), ({"code": "Ä"}, "code"),
        ({"code": "X" * 21}, "code"), ({"expiry_date": "2001-01-01T00:00:00Z"}, "expiry_date"),
        ({"applies_to": ["VOUCHER"]}, "applies_to"), ({"applies_to": []}, "applies_to"),
        ({"applies_to": ["CARS"]}, "applies_to"), ({"budget": "NaN"}, "budget"), ({"code": {"$ne": 1}}, "code")])
    def test_nonsense_is_refused_by_field(self, as_user, shop, change, field):
        refused = as_user(shop).post(f"{BASE}/create/", json=terms(**change))
        assert refused.status_code == 400
        assert list(refused.json["errors"]) == [field]

    def test_used_count_cannot_be_sent(self, make):
        assert make(used_count=4, spent="10")["used_count"] == 0

    def test_a_code_is_taken_in_any_case(self, as_user, make, rival):
        make()
        refused = as_user(rival).post(f"{BASE}/create/", json=terms(code="Save10"))
        assert refused.status_code == 400
        assert refused.json["errors"] == {"code": ["coupon with this code already exists."]}

    def test_only_shops_and_staff_make_coupons(self, as_user, people):
        refused = as_user(people.client()).post(f"{BASE}/create/", json=terms())
        assert (refused.status_code, refused.json["code"]) == (403, "merchant_required")
        made = as_user(people.admin()).post(f"{BASE}/create/", json=terms()).json["coupon"]
        assert (made["funded_by"], made["merchant"]) == ("house", None)
        assert made["applies_to"] == ["POS", "VOUCHER", "PRODUCT", "RECHARGE"]

    def test_the_list_is_an_array_and_stays_one_when_it_is_empty(self, as_user, make, shop, rival, people):
        assert as_user(shop).get(f"{BASE}/list/").json == []
        make(code="one"), make(code="two")
        assert [row["code"] for row in as_user(shop).get(f"{BASE}/list/").json] == ["ONE", "TWO"]
        assert as_user(rival).get(f"{BASE}/list/").json == []
        assert as_user(people.client()).get(f"{BASE}/list/").json == []
        assert len(as_user(people.admin()).get(f"{BASE}/list/").json) == 2

    def test_changing_terms(self, as_user, make, shop):
        made = make()
        client, path = as_user(shop), f"{BASE}/{made['id']}/"
        changed = client.patch(path, json={"is_active": False, "max_discount_amount": None, "code": "OTHER"})
        assert (changed.status_code, changed.json["coupon"]["is_active"]) == (200, False)
        assert changed.json["coupon"]["max_discount_amount"] is None
        assert client.get(path).json["code"] == "SAVE10"
        for change in ({"discount_value": "101"}, {"expiry_date": "2001-01-01"}, {"applies_to": ["PRODUCT"]}):
            assert client.patch(path, json=change).status_code == 400

    def test_a_limit_cannot_fall_below_what_was_used(self, as_user, make, shop):
        made = make()
        client = as_user(shop)
        for _ in range(2):
            assert client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 200}).status_code == 200
        path = f"{BASE}/{made['id']}/"
        refused = client.patch(path, json={"usage_limit": 1})
        assert refused.json["errors"] == {"usage_limit": ["It has been used 2 times."]}
        assert client.patch(path, json={"budget": "39.99"}).status_code == 400
        assert client.patch(path, json={"usage_limit": 2, "budget": "40"}).status_code == 200


class TestUsing:
    def test_verify_quotes(self, as_user, make, people):
        make()
        customer = as_user(people.client())
        quoted = customer.post(f"{BASE}/verify/", json={"code": " save10 ", "order_amount": "333.33"})
        assert quoted.status_code == 200
        assert {name: quoted.json[name] for name in (
            "message", "applicable", "reason", "missing_amount", "discount", "final_amount")} == {
            "message": "Coupon verified", "applicable": True, "reason": None, "missing_amount": 0,
            "discount": 33.33, "final_amount": 300.0}
        assert "budget" not in quoted.json["coupon"]

    def test_verify_explains(self, as_user, make, shop):
        make()
        low = as_user(shop).post(f"{BASE}/verify/", json={"code": "SAVE10", "order_amount": "60.50"}).json
        assert (low["applicable"], low["reason"], low["missing_amount"], low["discount"], low["final_amount"]) == (
            False, "below_minimum", 39.5, 0, 60.5)
        unasked = as_user(shop).post(f"{BASE}/verify/", json={"code": "SAVE10"}).json
        assert (unasked["applicable"], unasked["final_amount"]) == (True, None)

    def test_an_unknown_code_is_a_404_and_thirty_of_them_are_enough(self, as_user, people, make):
        make()
        client = as_user(people.client())
        missed = client.post(f"{BASE}/verify/", json={"code": "NOPE"})
        assert (missed.status_code, missed.json["error"]) == (404, "Invalid coupon")
        for _ in range(29):
            client.post(f"{BASE}/verify/", json={"code": "NOPE"})
        assert client.post(f"{BASE}/verify/", json={"code": "SAVE10"}).status_code == 429

    def test_apply_uses_it_once_a_call(self, as_user, make, shop):
        make()
        client = as_user(shop)
        applied = client.post(f"{BASE}/apply/", json={"code": "save10", "order_amount": 500, "phone": CUSTOMER})
        assert (applied.json["message"], applied.json["discount"], applied.json["final_amount"]) == (
            "Coupon applied", 50.0, 450.0)
        assert (applied.json["redemption"]["status"], applied.json["redemption"]["phone"]) == ("CONFIRMED", CUSTOMER)
        assert client.get(f"{BASE}/list/").json[0]["used_count"] == 1
        rows = client.get(f"{BASE}/{applied.json['redemption']['coupon']}/redemptions/").json["results"]
        assert [row["discount"] for row in rows] == ["50.00"]
        assert breaks() == []

    @pytest.mark.parametrize(("body", "status"), [
        ({"code": "SAVE10"}, 400), ({"code": "SAVE10", "order_amount": "abc"}, 400),
        ({"code": "SAVE10", "order_amount": float("inf")}, 400), ({"order_amount": 500}, 400),
        ({"code": "SAVE10", "order_amount": 99.99}, 409), ({"code": "NOPE", "order_amount": 500}, 404)])
    def test_what_cannot_be_applied(self, as_user, make, shop, body, status):
        make()
        assert as_user(shop).post(f"{BASE}/apply/", json=body).status_code == status
        assert Coupon.find_one({}).used_count == 0

    def test_a_key_makes_repeats_harmless(self, as_user, make, shop):
        make()
        client, headers = as_user(shop), {"Idempotency-Key": "once"}
        answers = [client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500}, headers=headers)
                   for _ in range(3)]
        assert len({answer.data for answer in answers}) == 1
        assert Coupon.find_one({}).used_count == 1

    def test_hold_confirm_release(self, as_user, make, shop, rival):
        make(usage_limit=1)
        client = as_user(shop)
        held = client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500, "hold": True}).json
        path = f"{BASE}/redemptions/{held['redemption']['id']}"
        assert (held["message"], held["redemption"]["status"]) == ("Coupon held", "HELD")
        refused = client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500})
        assert refused.json["code"] == "coupon_exhausted"
        assert as_user(rival).post(f"{path}/confirm/").status_code == 404
        assert as_user(rival).post(f"{path}/release/").status_code == 404
        assert client.post(f"{path}/release/").json["redemption"]["status"] == "RELEASED"
        assert client.post(f"{path}/release/").status_code == 200
        assert client.post(f"{path}/confirm/").json["code"] == "coupon_hold_expired"
        held = client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500, "hold": True}).json
        path = f"{BASE}/redemptions/{held['redemption']['id']}"
        assert [client.post(f"{path}/confirm/").json["redemption"]["status"] for _ in range(2)] == ["CONFIRMED"] * 2
        assert client.post(f"{path}/release/").status_code == 409
        assert breaks() == []

    def test_a_hold_ends_after_fifteen_minutes_for_whoever_asks_next(self, as_user, make, shop, move_clock):
        make(usage_limit=1)
        client = as_user(shop)
        held = client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500, "hold": True}).json
        move_clock(timedelta(minutes=14, seconds=30))
        assert client.post(f"{BASE}/verify/", json={"code": "SAVE10"}).json["reason"] == "exhausted"
        move_clock(timedelta(minutes=15, seconds=5))
        assert client.post(f"{BASE}/verify/", json={"code": "SAVE10"}).json["applicable"]
        path = f"{BASE}/redemptions/{held['redemption']['id']}/confirm/"
        assert client.post(path).json["code"] == "coupon_hold_expired"
        assert Redemption.find_one({}).status == "RELEASED"


class TestWhoseCoupon:
    def test_a_cashier_uses_it_and_no_more(self, as_user, make, shop, people):
        made = make()
        cashier = people.client()
        cashiers.add(owner=shop, email=cashier.email)
        client = as_user(cashier)
        assert client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500}).status_code == 200
        assert client.patch(f"{BASE}/{made['id']}/", json={"is_active": False}).status_code == 404
        assert client.post(f"{BASE}/assign/", json={"coupon_code": "SAVE10", "phone": CUSTOMER}).status_code == 404

    @pytest.mark.parametrize("outsider", ["rival", "customer"])
    def test_others_find_nothing(self, as_user, make, people, request, outsider):
        made = make()
        client = as_user(request.getfixturevalue("rival") if outsider == "rival" else people.client())
        path = f"{BASE}/{made['id']}"
        asked = [client.get(f"{path}/"), client.patch(f"{path}/", json={"is_active": False}),
                 client.get(f"{path}/redemptions/"), client.get(f"{path}/barcode/"),
                 client.post(f"{BASE}/qr/{made['id']}/"),
                 client.post(f"{BASE}/apply/", json={"code": "SAVE10", "order_amount": 500}),
                 client.post(f"{BASE}/assign/", json={"coupon_code": "SAVE10", "phone": CUSTOMER})]
        assert [answer.status_code for answer in asked] == [404] * len(asked)
        stored = Coupon.find_one({})
        assert (stored.is_active, stored.used_count) == (True, 0)

    def test_a_rival_till_is_told_that_it_does_not_apply(self, as_user, make, rival):
        make()
        merchant = merchants.own(rival).id
        quoted = as_user(rival).post(f"{BASE}/verify/", json={"code": "SAVE10", "merchant": merchant}).json
        assert (quoted["applicable"], quoted["reason"]) == (False, "wrong_merchant")

    def test_without_a_token(self, client):
        for path in ("create", "verify", "apply", "assign", "by-phone", "best-barcode", "scan", "qr/1", "bulk"):
            assert client.post(f"{BASE}/{path}/", json={}).status_code == 401

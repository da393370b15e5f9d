"""Vouchers over HTTP, as the clients of the old voucher shop use them."""
from datetime import timedelta

import pytest

from documents.vouchers import Voucher
from services import card_refunds, wallets
from tests.couponing import coupon
from tests.parallel import breaks
from tests.vouchering import buy, voucher_type

TYPES, MINE, PURCHASE, REDEEM = (f"/api/vouchers/{name}/" for name in ("types", "my-vouchers", "purchase", "redeem"))
VOUCHER_KEYS = {"id", "voucher_type", "code", "status", "usage_count", "last_used_at", "issued_at", "expires_at",
                "voucher_is_valid", "is_valid", "days_until_expiry", "metadata", "purchase_date", "expiry_date",
                "uses_remaining", "total_uses", "is_active"}
TYPE_KEYS = {"id", "name", "description", "type_code", "price", "is_active", "validity_days", "usage_limit",
             "created_at", "updated_at", "service_type", "max_uses"}


@pytest.fixture
def buyer(people, fund):
    user = people.client()
    fund(user, "100.00")
    return user


@pytest.fixture
def shopper(buyer, as_user):
    return as_user(buyer)


@pytest.fixture
def exam(app):
    return voucher_type(1_000, name="Exam Results", type_code="result_check", usage_limit=3)


def test_types_are_public_and_only_those_on_sale(client, shopper, exam):
    voucher_type(is_active=False)
    body = client.get(TYPES, headers={"Authorization": "Bearer broken"}).json
    assert (body["count"], len(body["results"])) == (1, 1)
    shown = body["results"][0]
    assert set(shown) >= TYPE_KEYS
    assert (shown["price"], shown["service_type"], shown["max_uses"]) == ("10.00", "result_check", 3)
    assert client.get(f"{TYPES}{exam.id}/").json["name"] == "Exam Results"


def test_staff_makes_changes_and_withdraws_types(people, as_user, client):
    admin, stranger = as_user(people.admin()), as_user(people.client())
    wanted = {"name": "School Application", "type_code": "school_application", "price": 25, "validity_days": 60}
    assert stranger.post(TYPES, json=wanted).status_code == 403
    assert client.post(TYPES, json=wanted).status_code == 401
    made = admin.post(TYPES, json=wanted)
    assert (made.status_code, made.json["price"], made.json["usage_limit"]) == (201, "25.00", 1)
    for field, other in (("name", {"type_code": "other"}), ("type_code", {"name": "Other"})):
        taken = admin.post(TYPES, json=wanted | other)
        assert (taken.status_code, list(taken.json["errors"])) == (400, [field])
    path = f"{TYPES}{made.json['id']}/"
    assert admin.patch(path, json={"price": "30.00", "bearer": True}).json["bearer"] is True
    assert stranger.patch(path, json={"price": "1.00"}).status_code == 403
    assert admin.delete(path).status_code == 204
    assert (client.get(path).status_code, client.get(TYPES).json["count"]) == (404, 0)
    assert [row["is_active"] for row in admin.get(f"{TYPES}all/").json["results"]] == [False]
    assert admin.get(f"{TYPES}all/?is_active=true").json["count"] == 0
    assert stranger.get(f"{TYPES}all/").status_code == 403
    assert admin.patch(path, json={"is_active": True}).status_code == 200
    assert client.get(path).status_code == 200


def test_a_purchase_answers_as_the_old_shop_and_is_paid_for(shopper, exam):
    answer = shopper.post(PURCHASE, json={"voucher_type_id": exam.id, "quantity": 2, "discount_code": ""})
    assert answer.status_code == 201
    assert {name: answer.json[name] for name in ("message", "total_paid", "discount_applied")} == {
        "message": "Successfully purchased 2 voucher(s)", "total_paid": 20.0, "discount_applied": 0.0}
    voucher = answer.json["vouchers"][0]
    assert set(voucher) >= VOUCHER_KEYS
    assert set(voucher["voucher_type"]) >= TYPE_KEYS
    assert (voucher["status"], voucher["is_valid"], voucher["voucher_is_valid"]) == ("active", True, True)
    assert voucher["days_until_expiry"] in (29, 30)
    assert (voucher["uses_remaining"], voucher["total_uses"], voucher["usage_count"]) == (3, 3, 0)
    assert shopper.get("/api/wallet/statement/").json["results"][-1]["amount"] == "-20.00"
    assert breaks() == []


def test_the_same_key_buys_once(shopper, exam):
    body, headers = {"voucher_type_id": exam.id}, {"Idempotency-Key": "one"}
    first = shopper.post(PURCHASE, json=body, headers=headers)
    again = shopper.post(PURCHASE, json=body, headers=headers)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert shopper.post(PURCHASE, json=body | {"quantity": 2}, headers=headers).status_code == 422
    assert Voucher.collection().count_documents({}) == 1


@pytest.mark.parametrize(("changes", "field"), [
    ({"quantity": 0}, "quantity"), ({"quantity": 11}, "quantity"), ({"quantity": "1.5"}, "quantity"),
    ({"voucher_type_id": 999_999}, "voucher_type_id"), ({"voucher_type_id": {"$gt": 0}}, "voucher_type_id"),
    ({"discount_code": "UNKNOWN"}, "discount_code")])
def test_a_bad_purchase_names_its_field(shopper, exam, changes, field):
    answer = shopper.post(PURCHASE, json={"voucher_type_id": exam.id} | changes)
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])


def test_a_purchase_beyond_the_wallet_is_refused(shopper, exam):
    answer = shopper.post(PURCHASE, json={"voucher_type_id": voucher_type(10_001).id})
    assert (answer.status_code, answer.json["code"]) == (409, "insufficient_funds")


def test_a_discount_code_shows_what_it_took_off(shopper, exam):
    code = coupon(discount_type="percent", discount_value=1_250, applies_to=["VOUCHER"]).code
    answer = shopper.post(PURCHASE, json={"voucher_type_id": exam.id, "quantity": 3, "discount_code": code})
    assert (answer.json["total_paid"], answer.json["discount_applied"]) == (26.25, 3.75)


def test_redeeming_answers_with_voucher_and_usage(shopper, buyer, exam):
    code = buy(buyer, exam)[0]["code"]
    body = {"code": code.lower(), "service_type": "marks", "service_data": {"index": "7"}}
    answer = shopper.post(REDEEM, json=body)
    assert (answer.status_code, answer.json["message"]) == (200, "Voucher redeemed successfully")
    assert (answer.json["voucher"]["usage_count"], answer.json["voucher"]["uses_remaining"]) == (1, 2)
    usage = answer.json["usage"]
    assert {"voucher_code": code, "voucher_type_name": "Exam Results", "service_type": "marks",
            "service_data": {"index": "7"}, "ip_address": "127.0.0.1"}.items() <= usage.items()
    assert isinstance(usage["id"], int)
    assert shopper.get("/api/vouchers/usage-history/").json["results"] == [usage]


def test_wrong_codes_are_all_answered_alike_until_ten(people, as_user, buyer, exam):
    foreign, thief = buy(buyer, exam)[0]["code"], as_user(people.client())
    answers = [thief.post(REDEEM, json={"code": code}) for code in (foreign, "ABCDEFGHJKMN", "x")]
    assert {(answer.status_code, answer.json["code"], answer.json["detail"]) for answer in answers} == {
        (400, "voucher_unknown", "Invalid voucher code.")}
    assert answers[0].json["errors"] == {"code": ["Invalid voucher code."]}
    for _ in range(7):
        thief.post(REDEEM, json={"code": "x"})
    refused = thief.post(REDEEM, json={"code": foreign})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3_000


def test_the_same_key_redeems_once(shopper, buyer, exam):
    body, headers = {"code": buy(buyer, exam)[0]["code"]}, {"Idempotency-Key": "one"}
    first, again = (shopper.post(REDEEM, json=body, headers=headers).json for _ in range(2))
    assert first == again
    assert Voucher.find_one({}).usage_count == 1


def test_an_expired_voucher_is_expired_everywhere(shopper, buyer, exam, move_clock):
    code = buy(buyer, exam)[0]["code"]
    move_clock(timedelta(days=31))
    shown = shopper.get(f"/api/vouchers/detail/{code}/").json
    assert (shown["status"], shown["is_valid"], shown["days_until_expiry"]) == ("expired", False, 0)
    counts = {status: shopper.get(f"{MINE}?status={status}").json["count"] for status in ("active", "expired", "used")}
    assert counts == {"active": 0, "expired": 1, "used": 0}
    assert shopper.get("/api/vouchers/stats/").json == {
        "total_vouchers": 1, "active_vouchers": 0, "used_vouchers": 0, "expired_vouchers": 1, "cancelled_vouchers": 0,
        "total_value": "10.00"}
    refused = shopper.post(REDEEM, json={"code": code})
    assert (refused.status_code, refused.json["code"]) == (409, "voucher_not_valid")
    assert refused.json["errors"] == {"code": ["Voucher is not valid or has expired."]}
    assert shopper.get(f"{MINE}?status=bogus").status_code == 400


def test_somebody_elses_voucher_is_not_there(people, as_user, buyer, exam):
    code, stranger = buy(buyer, exam)[0]["code"], as_user(people.client())
    for path in ("", "history/", "qr/"):
        assert stranger.get(f"/api/vouchers/detail/{code}/{path}").status_code == 404
    assert stranger.post(f"/api/vouchers/detail/{code}/assign/", json={"phone": "+919812345678"}).status_code == 404
    assert stranger.get(MINE).json["count"] == 0


def test_a_voucher_has_a_picture(shopper, buyer, exam):
    code = buy(buyer, exam)[0]["code"]
    svg = shopper.get(f"/api/vouchers/detail/{code}/qr/")
    assert (svg.status_code, svg.content_type) == (200, "image/svg+xml")
    assert b"<svg" in svg.data
    assert shopper.get(f"/api/vouchers/detail/{code}/qr/?picture=png").data.startswith(b"\x89PNG")


def test_giving_away_and_what_happened(people, as_user, shopper, buyer, exam):
    code, friend = buy(buyer, exam)[0]["code"], people.client()
    given = shopper.post(f"/api/vouchers/detail/{code}/assign/", json={"phone": friend.phone})
    assert (given.status_code, given.json["voucher"]["phone"]) == (200, None)
    assert shopper.get(MINE).json["count"] == 0
    assert shopper.get("/api/vouchers/given/").json["results"][0]["code"] == code
    speaking = as_user(friend)
    assert speaking.get(MINE).json["results"][0]["code"] == code
    speaking.post(REDEEM, json={"code": code, "service_type": "marks"})
    for viewer in (shopper, speaking):
        lines = viewer.get(f"/api/vouchers/detail/{code}/history/").json["history"]
        assert [(line["what"], line["by"]) for line in lines] == [
            ("issued", buyer.id), ("assigned", buyer.id), ("redeemed", friend.id)]
    assert friend.phone not in str(lines)


def test_a_number_without_an_account_can_be_taken_back(shopper, buyer, exam):
    code = buy(buyer, exam)[0]["code"]
    given = shopper.post(f"/api/vouchers/detail/{code}/assign/", json={"phone": "98123 45678"})
    assert given.json["voucher"]["phone"] == "+919812345678"
    assert shopper.post(f"/api/vouchers/detail/{code}/withdraw/").status_code == 200
    assert shopper.get(MINE).json["count"] == 1
    assert shopper.post(f"/api/vouchers/detail/{code}/withdraw/").status_code == 404


def test_unused_vouchers_of_a_wallet_purchase_are_refunded_by_staff(people, as_user, shopper, buyer, exam):
    bought = shopper.post(PURCHASE, json={"voucher_type_id": exam.id, "quantity": 3}).json
    shopper.post(REDEEM, json={"code": bought["vouchers"][0]["code"]})
    wanted = {"payment_id": bought["payment_id"], "reason": "customer_request"}
    too_much = shopper.post("/api/payments/refund/request/", json=wanted | {"amount": "20.01"})
    assert (too_much.status_code, list(too_much.json["errors"])) == (400, ["amount"])
    asked = shopper.post("/api/payments/refund/request/", json=wanted)
    assert (asked.status_code, asked.json["refund"]["amount"]) == (201, "20.00")
    assert as_user(people.client()).post("/api/payments/refund/request/", json=wanted).status_code == 404
    approved = card_refunds.approve(actor=people.admin(), refund_id=asked.json["refund"]["id"])
    assert approved.status == "completed"
    assert shopper.get("/api/vouchers/stats/").json["cancelled_vouchers"] == 2
    assert wallets.wallet_of(buyer.id).balance == 9_000
    assert shopper.post("/api/payments/refund/request/", json=wanted).json["code"] == "not_refundable"
    assert breaks() == []


def test_figures_for_staff_and_for_oneself(people, as_user, shopper, buyer, exam):
    shopper.post(REDEEM, json={"code": buy(buyer, exam, 2)[0]["code"], "service_type": "marks"})
    admin = as_user(people.admin())
    for path in ("dashboard", "revenue"):
        assert shopper.get(f"/api/analytics/{path}/").status_code == 403
    board = admin.get("/api/analytics/dashboard/").json
    assert board["revenue"] == {"total": 20.0, "this_week": 20.0, "this_month": 20.0}
    assert board["voucher_types"] == [{"name": "Exam Results", "type_code": "result_check", "total_purchased": 2,
                                       "total_used": 0, "revenue": 20.0, "price": 10.0}]
    assert board["recent_activity"] == {"payments_this_week": 1, "vouchers_issued_this_week": 2,
                                        "vouchers_used_this_week": 1}
    sold = admin.get("/api/analytics/revenue/?days=10").json
    assert (sold["summary"], sold["period"]["days"]) == (
        {"total_revenue": 20.0, "total_payments": 1, "average_daily_revenue": 2.0}, 10)
    assert sold["revenue_by_type"] == [{"voucher_type__name": "Exam Results", "voucher_type__type_code": "result_check",
                                        "revenue": 20.0, "quantity": 2}]
    assert sold["payment_methods"] == [{"payment_method": "wallet", "count": 1, "revenue": 20.0}]
    assert sold["daily_revenue"][0].keys() == {"day", "revenue", "payment_count"}
    for days in ("0", "-1", "abc", "999999999999"):
        assert admin.get(f"/api/analytics/revenue/?days={days}").status_code == 400
    own = shopper.get("/api/analytics/user/").json
    assert own["spending"] == {"total": 20.0, "average_per_voucher": 10.0}
    assert own["usage_by_type"] == [{"voucher__voucher_type__name": "Exam Results", "usage_count": 1,
                                     "voucher__voucher_type__type_code": "result_check"}]
    assert [row["type"] for row in own["recent_vouchers"]] == ["Exam Results"] * 2
    assert own["recent_usage"][0]["service_type"] == "marks"

"""Referrals over HTTP: the shapes that old clients read, and every old path."""
import pytest

from documents.referrals import Referral
from tests.http.identity import code_for
from tests.parallel import breaks
from tests.referring import balance, terms, work_off_events

NO_CODES = [None, 7, ["SVH-AAAAAA"], {"$ne": ""}, "", "  ", "SVH-\x00", "x" * 51, True]


@pytest.fixture
def owner(people):
    return people.client()


@pytest.fixture
def code(as_user, owner) -> str:
    return as_user(owner).post("/api/referral/generate/").json["referral_code"]


@pytest.fixture
def admin(people):
    admin = people.admin()
    terms(admin, value=25_000)
    return admin


def test_generate_answers_201_with_the_same_object_every_time(as_user, owner):
    client = as_user(owner)
    paths = ("/api/referral/generate/", "/api/referrals/generate", "/referral/generate")
    answers = [client.post(path) for path in paths]
    assert {answer.status_code for answer in answers} == {201}
    assert answers[0].json == answers[1].json == answers[2].json
    assert set(answers[0].json) == {"id", "referral_code", "referred_by"}
    assert answers[0].json["referred_by"] == str(owner.id)


def test_the_old_flow_from_code_to_credit(as_user, people, owner, code, admin):
    user = people.client()
    applied = as_user(user).post("/api/referrals/apply/", json={"referral_code": code})
    assert (applied.status_code, applied.json) == (200, {
        "message": "Referral applied successfully", "referral_code": code, "reward": None})
    client = as_user(owner)
    assert client.get("/api/referrals/analytics/summary/", json={}).json == {
        "my_referral_code": code, "total_referrals": 1, "successful_referrals": 1, "conversion_rate": "100%"}
    [person] = client.get("/api/referrals/analytics/list/").json
    assert (person["used_by_user_id"], person["status"]) == (str(user.id), "SUCCESS")
    assert person["used_at"].endswith("Z")
    [day] = client.get("/api/referrals/analytics/timeline/").json
    assert (set(day), day["count"]) == ({"date", "count"}, 1)
    [reward] = client.get("/api/referrals/rewards/history/").json
    assert (reward["reward_type"], reward["reward_value"], reward["reward_unit"], reward["status"]) == (
        "SIGNUP", 250, "CASH", "PENDING")
    assert isinstance(reward["reward_value"], int)
    credited = as_user(admin).post(f"/api/admin/rewards/{reward['reward_id']}/credit")
    assert (credited.status_code, credited.json["message"], credited.json["reward_id"], credited.json["status"]) == (
        200, "Reward credited successfully", reward["reward_id"], "CREDITED")
    assert balance(owner) == 25_000
    again = as_user(admin).post(f"/api/admin/rewards/{reward['reward_id']}/credit")
    assert (again.status_code, again.json["error"]) == (409, "Only pending rewards can be credited")
    assert breaks() == []


def test_the_best_referrers_for_admins_and_for_everybody(as_user, people, owner, code, admin):
    for _ in range(2):
        as_user(people.client()).post("/api/referral/apply/", json={"referral_code": code})
    work_off_events()
    name = f"{owner.first_name} T."
    assert as_user(admin).get("/api/admin/referrals/top/").json == [
        {"user_id": str(owner.id), "successful_referrals": 2, "rank": 1, "name": name}]
    row = {"rank": 1, "user_id": str(owner.id), "name": name, "count": 2, "value": None}
    for path in ("/api/referral/analytics/leaderboard/", "/api/referral/leaderboard"):
        board = as_user(owner).get(path, query_string={"period": "week"}).json
        assert (board["period"], board["results"], board["me"]) == ("week", [row], row)
    asked = {"metric": "value", "period": "all"}
    value = as_user(people.client()).get("/api/referral/leaderboard/", query_string=asked)
    assert (value.json["unit"], value.json["results"], value.json["me"]) == ("CASH", [], None)


def test_without_a_code_everything_is_empty(as_user, owner):
    client = as_user(owner)
    assert client.get("/api/referral/analytics/summary/").json == {
        "my_referral_code": None, "total_referrals": 0, "successful_referrals": 0, "conversion_rate": "0%"}
    for path in ("/api/referral/analytics/list/", "/api/referral/analytics/timeline/", "/api/rewards/history/"):
        assert client.get(path).json == []
    assert client.get("/api/rewards/summary/").json == {
        "counts": {"pending": 0, "credited": 0, "revoked": 0},
        "cash": {"pending": 0, "credited": 0, "revoked": 0, "owed": 0},
        "points": {"pending": 0, "credited": 0, "revoked": 0, "owed": 0}}


def test_lists_become_pages_on_demand(as_user, people, owner, code, admin):
    for _ in range(3):
        as_user(people.client()).post("/api/referral/apply/", json={"referral_code": code})
    page = as_user(owner).get("/api/referral/analytics/list/", query_string={"page": 2, "page_size": 2}).json
    assert (page["count"], page["total_pages"], len(page["results"])) == (3, 2, 1)


@pytest.mark.parametrize("sent", NO_CODES)
def test_what_is_no_code_is_a_400_on_the_field(as_user, people, admin, sent):
    answer = as_user(people.client()).post("/api/referral/apply/", json={"referral_code": sent})
    assert (answer.status_code, set(answer.json["errors"])) == (400, {"referral_code"})
    assert Referral.collection().count_documents({}) == 0


def test_refusals_on_the_wire(as_user, people, owner, code, admin):
    user = as_user(people.client())
    unknown = user.post("/api/referral/apply/", json={"referral_code": "SVH-000000"})
    assert (unknown.status_code, unknown.json["code"], unknown.json["error"]) == (
        400, "referral_code_unknown", "Invalid referral code")
    own = as_user(owner).post("/api/referral/apply/", json={"referral_code": code})
    assert (own.status_code, own.json["error"]) == (400, "You cannot use your own referral code")
    user.post("/api/referral/apply/", json={"referral_code": code})
    again = user.post("/api/referral/apply/", json={"referral_code": code})
    assert (again.status_code, again.json["error"]) == (409, "You have already used a referral")


def test_a_repeat_under_one_key_gets_the_first_answer(as_user, people, code, admin):
    user, key = as_user(people.client()), {"Idempotency-Key": "apply-1"}
    first, again = (user.post("/api/referral/apply/", json={"referral_code": code}, headers=key) for _ in range(2))
    assert (first.json, again.json, again.headers["Idempotency-Replayed"]) == (again.json, first.json, "true")


@pytest.mark.parametrize(("path", "query"), [
    ("/api/referral/analytics/timeline/", {"granularity": "hour"}),
    ("/api/referral/analytics/timeline/", {"from": "soon"}),
    ("/api/referral/analytics/timeline/", {"from": "2026-02-01", "to": "2026-01-01"}),
    ("/api/referral/analytics/timeline/", {"from": "1990-01-01", "fill": "true"}),
    ("/api/referral/analytics/timeline/", {"from": "0001-01-01", "to": "9999-12-31"}),
    ("/api/referral/analytics/timeline/", {"to": "9999-12-31", "fill": "true"}),
    ("/api/referral/analytics/leaderboard/", {"period": "decade"}),
    ("/api/referral/analytics/leaderboard/", {"limit": "0"}),
    ("/api/referral/analytics/leaderboard/", {"metric": "$ne"}),
    ("/api/referral/analytics/leaderboard/", {"unit": "EUR"})])
def test_bad_questions_are_a_400(as_user, owner, path, query):
    answer = as_user(owner).get(path, query_string=query)
    assert (answer.status_code, bool(answer.json["errors"])) == (400, True)


class TestAtSignup:
    """A code given at signup is checked at once and applied when the address is proved."""

    def signup(self, client, referral_code, path="/api/auth/signup/", **more):
        return client.post(path, json={"email": "new@shop.example", "password": "long-enough-7", "name": "New",
                                       "referral_code": referral_code, **more})

    def verify(self, client):
        sent = {"email": "new@shop.example", "otp": code_for("new@shop.example")}
        return client.post("/api/auth/verify-otp/", json=sent)

    def test_a_registered_account_applies_it_on_verification_and_not_before(self, client, as_user, owner, code, admin):
        assert self.signup(client, code, "/api/auth/register/").status_code == 201
        summary = as_user(owner)
        assert summary.get("/api/referral/analytics/summary/").json["total_referrals"] == 0
        assert self.verify(client).status_code == 200
        assert summary.get("/api/referral/analytics/summary/").json["total_referrals"] == 1

    @pytest.mark.parametrize("sent", [bad for bad in NO_CODES if bad not in (None, "", "  ")])
    def test_what_is_no_code_is_a_400_on_the_field(self, client, admin, sent):
        answer = self.signup(client, sent)
        assert (answer.status_code, "referral_code" in answer.json["errors"]) == (400, True)

    @pytest.mark.parametrize("blank", ["", "  "])
    def test_a_form_without_a_code_signs_up_all_the_same(self, client, admin, blank):
        assert self.signup(client, blank).status_code == 201
        assert self.verify(client).status_code == 200
        assert Referral.collection().count_documents({}) == 0

"""Terms and decisions over HTTP: admins only, every bad value a 400 on its field."""
import pytest

from documents.reward_configs import RewardConfig
from tests.parallel import breaks
from tests.referring import balance, refer, rewards_of, terms

CONFIGS = "/api/admin/reward-config/"


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def office(as_user, admin):
    return as_user(admin)


def body(**changes) -> dict:
    return {"reward_type": "SIGNUP", "reward_value": 250, "reward_unit": "CASH"} | changes


@pytest.mark.parametrize("path", [CONFIGS, "/api/admin/reward-config", "/api/admin/reward-config/create/"])
def test_new_terms_answer_as_old_clients_expect(office, path):
    answer = office.post(path, json=body(is_active=False))
    assert answer.status_code == 201
    assert answer.json.items() >= {"message": "Reward config created", "reward_type": "SIGNUP", "reward_value": 250,
                                   "reward_unit": "CASH", "is_active": True}.items()
    assert len(answer.json["id"]) == 24


@pytest.mark.parametrize(("sent", "stored", "shown"), [
    (250, 25_000, 250), ("250", 25_000, 250), (99.9, 9_990, 99.9), ("0.01", 1, 0.01)])
def test_values_are_money_with_two_decimals(office, sent, stored, shown):
    answer = office.post(CONFIGS, json=body(reward_value=sent))
    assert (answer.status_code, answer.json["reward_value"]) == (201, shown)
    assert RewardConfig.find_one({}).reward_value == stored


@pytest.mark.parametrize(("changes", "field"), [
    ({"reward_value": 0}, "reward_value"), ({"reward_value": -5}, "reward_value"),
    ({"reward_value": True}, "reward_value"),
    ({"reward_value": 1.005}, "reward_value"), ({"reward_value": "NaN"}, "reward_value"),
    ({"reward_value": 10 ** 18}, "reward_value"), ({"reward_value": "9" * 30}, "reward_value"),
    ({"reward_value": {"$gt": 0}}, "reward_value"),
    ({"reward_value": 1.5, "reward_unit": "POINTS"}, "reward_value"), ({"reward_value": None}, "reward_value"),
    ({"referee_value": 0.5, "reward_unit": "POINTS"}, "referee_value"), ({"referee_value": 0}, "referee_value"),
    ({"reward_type": "signup"}, "reward_type"), ({"reward_type": None}, "reward_type"),
    ({"reward_unit": "EUR"}, "reward_unit"), ({"monthly_cap": 0}, "monthly_cap"), ({"monthly_cap": 1.5}, "monthly_cap"),
    ({"hold_days": -1}, "hold_days"), ({"hold_days": 9 ** 9}, "hold_days")])
def test_bad_terms_are_a_400_on_the_field(office, changes, field):
    answer = office.post(CONFIGS, json=body(**changes))
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])
    assert RewardConfig.collection().count_documents({}) == 0


def test_missing_terms_are_named(office):
    assert set(office.post(CONFIGS, json={}).json["errors"]) == {"reward_type", "reward_value", "reward_unit"}


def test_terms_are_listed_edited_and_ended(office, admin):
    config = office.post(CONFIGS, json=body(monthly_cap=3, hold_days=7)).json
    path = f"{CONFIGS}{config['id']}/"
    edited = office.patch(path, json={"reward_value": 300, "monthly_cap": None, "referee_value": 20})
    assert (edited.status_code, edited.json["reward_value"], edited.json["monthly_cap"], edited.json["referee_value"],
            edited.json["hold_days"], edited.json["updated_by"]) == (200, 300, None, 20, 7, admin.id)
    assert office.post(f"{path}deactivate/").json["is_active"] is False
    page = office.get(CONFIGS, query_string={"is_active": "false"}).json
    assert (page["count"], page["results"][0]["id"]) == (1, config["id"])
    assert office.get(CONFIGS, query_string={"is_active": "true"}).json["results"] == []


def test_an_edit_cannot_make_part_points(office):
    config = office.post(CONFIGS, json=body(reward_unit="POINTS")).json
    answer = office.patch(f"{CONFIGS}{config['id']}/", json={"reward_value": 1.5})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["reward_value"])
    assert RewardConfig.find_one({}).reward_value == 25_000


def test_held_rewards_are_found_with_their_reasons_and_decided(office, people, admin):
    terms(admin, value=10_000)
    owner = people.client()
    refer(owner, people.client())
    refer(owner, people.client(email="x@mailinator.com"))
    page = office.get("/api/admin/rewards/", query_string={"is_held": "true"}).json
    [row] = page["results"]
    assert (row["user_id"], row["user_email"], row["held_for"], row["status"], row["reward_value"]) == (
        owner.id, owner.email, ["disposable_email"], "PENDING", 100)
    base = f"/api/admin/rewards/{row['reward_id']}"
    assert office.post(f"{base}/release/").json["reward"]["is_held"] is False
    assert office.post(f"{base}/release/").status_code == 409
    assert office.post(f"{base}/credit/").json["status"] == "CREDITED"
    revoked = office.post(f"{base}/revoke/", json={"reason": "one person, two accounts"})
    assert (revoked.status_code, revoked.json["status"], revoked.json["reward"]["owed"]) == (200, "REVOKED", 0)
    assert office.post(f"{base}/revoke/").status_code == 409
    [row] = office.get("/api/admin/rewards/", query_string={"status": "revoked", "user_id": owner.id}).json["results"]
    assert (row["revoked_by"], row["revoke_reason"]) == (admin.id, "one person, two accounts")
    assert balance(owner) == 0
    assert breaks() == []


def test_owners_do_not_see_why(as_user, people, admin):
    terms(admin)
    owner = people.client()
    refer(owner, people.client(email="x@mailinator.com"))
    [row] = as_user(owner).get("/api/rewards/history/").json
    assert (row["is_held"], "held_for" in row) == (True, False)


@pytest.mark.parametrize("reward_id", ["nonsense", "f" * 24, "1", "%24ne"])
def test_no_such_reward_is_a_404(office, reward_id):
    for act in ("credit", "revoke", "release"):
        answer = office.post(f"/api/admin/rewards/{reward_id}/{act}/")
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert office.patch(f"{CONFIGS}{reward_id}/", json={}).status_code == 404
    assert office.post(f"{CONFIGS}{reward_id}/deactivate/").status_code == 404


@pytest.mark.parametrize("role", ["client", "retailer", "distributor"])
def test_nobody_else_decides(as_user, people, admin, role):
    terms(admin)
    owner = people.client()
    refer(owner, people.client())
    outsider, reward = as_user(getattr(people, role)()), rewards_of(owner)[0]
    calls = [("POST", CONFIGS), ("GET", CONFIGS), ("GET", "/api/admin/rewards/"), ("GET", "/api/admin/referral/top/"),
             *(("POST", f"/api/admin/rewards/{reward.id}/{act}/") for act in ("credit", "revoke", "release"))]
    assert {outsider.open(path, method=method).status_code for method, path in calls} == {403}

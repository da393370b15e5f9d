"""Managing people: who may, whom, and what it does."""
import pytest

from documents.users import User
from documents.wallets import Wallet
from services import passwords
from tests.http.identity import signed_in
from tests.queries import counted

PASSWORD = "correct-horse-7"
BASE = "/api/auth/admin/users/"


@pytest.fixture
def admin(as_user, people):
    return signed_in(as_user(people.admin()))


def new(**fields) -> dict:
    return {"email": "d@shop.example", "username": "dee", "phone": "+919876543210", "full_name": "Dee Lee Doe",
            "password": PASSWORD, "password_confirm": PASSWORD, "user_type": 2, **fields}


def test_an_admin_creates_with_wallet(admin, client):
    reply = admin.post(BASE + "create/", json=new())
    assert reply.status_code == 201
    user = reply.json["user"]
    assert (user["first_name"], user["last_name"], user["user_type_display"]) == ("Dee", "Lee Doe", "Distributor")
    assert user["wallet_balance"] == "0.00"
    assert Wallet.get(user["wallet_id"]).owner == user["id"]
    assert client.post("/api/auth/login/", json={"username": "dee", "password": PASSWORD}).status_code == 200


def test_first_and_last_name_serve_too_and_the_role_defaults_to_retailer(admin):
    body = new(first_name="Dee", last_name="Doe")
    del body["full_name"], body["user_type"]
    assert admin.post(BASE + "create/", json=body).json["user"]["user_type"] == 3


@pytest.mark.parametrize("fields", [
    {"user_type": 1}, {"user_type": 4}, {"user_type": "x"}, {"password_confirm": "other-horse-7"}, {"phone": "1"},
    {"email": "x"}, {"password": "12345678", "password_confirm": "12345678"}, {"username": "a b"}, {"parent": 999},
    {"email": "", "phone": ""}])
def test_bad_people_are_refused_and_leave_nothing(admin, fields):
    assert admin.post(BASE + "create/", json=new(**fields)).status_code == 400
    assert User.by_username("dee") is None
    assert Wallet.find_one({}) is None


def test_the_list_is_a_page_with_balances_in_one_query(admin, people, fund):
    distributor = people.distributor()
    retailers = [people.retailer(parent=distributor) for _ in range(5)]
    people.client()
    fund(retailers[0], "12.50")
    with counted() as commands:
        page = admin.get(BASE)
    assert [name for name in commands if name != "getMore"] == ["aggregate"]  # the caller and the page
    assert page.json["count"] == 6
    balances = {row["id"]: row["wallet_balance"] for row in page.json["results"]}
    assert balances[retailers[0].id] == "12.50"
    assert balances[retailers[1].id] == "0.00"
    assert [row["id"] for row in page.json["results"]][-1] == distributor.id
    assert admin.get(BASE + "?user_type=2").json["count"] == 1
    assert admin.get(BASE + "?user_type=4").json["count"] == 1
    assert admin.get(f"{BASE}?parent={distributor.id}&ordering=-email&page_size=2").json["total_pages"] == 3
    assert admin.get(BASE + "?user_type=9").status_code == 400


def test_search_finds_every_role_and_escapes(admin, people):
    client = people.client(first_name="Zoe.")
    assert [row["id"] for row in admin.get(BASE + "search/?q=zoe.").json] == [client.id]
    assert admin.get(BASE + "search/?q=z.e").json == []
    assert admin.get(BASE + "search/").status_code == 400


def test_update_and_deactivation_end_access_on_the_next_call(admin, as_user, people):
    retailer = people.retailer()
    theirs = signed_in(as_user(retailer))
    reply = admin.put(f"{BASE}{retailer.id}/update/", json={"first_name": "New"})
    assert reply.json["user"]["first_name"] == "New"
    assert theirs.get("/api/auth/profile/").status_code == 200
    assert admin.put(f"{BASE}{retailer.id}/update/", json={"is_active": False}).status_code == 200
    refused = theirs.get("/api/auth/profile/")
    assert refused.status_code == 401
    assert admin.put(f"{BASE}{retailer.id}/update/", json={"is_active": True}).status_code == 200
    assert theirs.get("/api/auth/profile/").status_code == 401


def test_another_role_ends_sessions_and_frees_the_retailers(admin, as_user, people):
    distributor = people.distributor()
    retailer = people.retailer(parent=distributor)
    theirs = signed_in(as_user(distributor))
    assert admin.put(f"{BASE}{distributor.id}/update/", json={"user_type": 3}).json["user"]["user_type"] == 3
    assert theirs.get("/api/auth/profile/").status_code == 401
    assert User.get(retailer.id).parent is None


def test_deleting_anonymises_and_keeps_the_money(admin, as_user, people, fund):
    retailer = people.retailer(email="gone@shop.example")
    fund(retailer, "5.00")
    theirs = signed_in(as_user(retailer))
    assert admin.delete(f"{BASE}{retailer.id}/delete/").json == {"message": "User deleted successfully"}
    assert theirs.get("/api/auth/profile/").status_code == 401
    assert Wallet.find_one({"owner": retailer.id}).balance == 500
    kept = User.get(retailer.id)
    assert (kept.email, kept.phone, kept.username, kept.is_active) == (None, None, None, False)
    assert admin.get(f"{BASE}{retailer.id}/").status_code == 404
    assert admin.post(BASE + "create/", json=new(email="gone@shop.example")).status_code == 201


def test_resetting_a_password_ends_sessions(admin, as_user, client, people):
    retailer = people.retailer(password=passwords.hashed("old-horse-77"))
    theirs = signed_in(as_user(retailer))
    body = {"new_password": PASSWORD, "confirm_password": PASSWORD}
    assert admin.post(f"{BASE}{retailer.id}/reset-password/", json={**body, "confirm_password": "x"}).status_code == 400
    assert admin.post(f"{BASE}{retailer.id}/reset-password/", json=body).status_code == 200
    assert theirs.get("/api/auth/profile/").status_code == 401
    assert client.post("/api/auth/login/", json={"email": retailer.email, "password": PASSWORD}).status_code == 200


def test_a_distributor_manages_its_own_retailers_and_nobody_else(as_user, people):
    distributor, rival = people.distributor(), people.distributor()
    foreign, admin = people.retailer(parent=rival), people.admin()
    theirs = signed_in(as_user(distributor))
    made = theirs.post(BASE + "create/", json=new(user_type=3, parent=rival.id))
    assert made.json["user"]["parent"] == distributor.id
    own = made.json["user"]["id"]
    assert theirs.post(BASE + "create/", json=new(user_type=2)).status_code == 400
    assert [row["id"] for row in theirs.get(BASE).json["results"]] == [own]
    assert theirs.get(f"{BASE}?parent={rival.id}").json["results"] == []
    assert theirs.put(f"{BASE}{own}/update/", json={"first_name": "Mine", "parent": rival.id}).status_code == 200
    assert User.get(own).parent == distributor.id
    assert theirs.put(f"{BASE}{own}/update/", json={"user_type": 2}).status_code == 400
    for stranger in (foreign.id, rival.id, admin.id, distributor.id, 10 ** 9):
        assert theirs.get(f"{BASE}{stranger}/").status_code == 404
        assert theirs.put(f"{BASE}{stranger}/update/", json={"is_active": False}).status_code == 404
        assert theirs.delete(f"{BASE}{stranger}/delete/").status_code == 404
        reset = {"new_password": PASSWORD, "confirm_password": PASSWORD}
        assert theirs.post(f"{BASE}{stranger}/reset-password/", json=reset).status_code == 404
    assert theirs.get(BASE + "search/?q=a").status_code == 403


@pytest.mark.parametrize("role", ["retailer", "client"])
def test_others_are_refused(as_user, people, role):
    theirs = signed_in(as_user(getattr(people, role)()))
    answers = [theirs.get(BASE), theirs.get(BASE + "1/"), theirs.post(BASE + "create/", json={}),
               theirs.put(BASE + "1/update/", json={}), theirs.delete(BASE + "1/delete/"),
               theirs.post(BASE + "1/reset-password/", json={}), theirs.get(BASE + "search/?q=a")]
    assert {answer.status_code for answer in answers} == {403}


def test_the_last_admin_stays(as_user, people):
    first, second = people.admin(), people.admin()
    mine = as_user(first)
    assert mine.delete(f"{BASE}{first.id}/delete/").status_code == 403
    assert mine.put(f"{BASE}{second.id}/update/", json={"user_type": 2}).status_code == 200
    for change in ({"user_type": 2}, {"is_active": False}):
        refused = mine.put(f"{BASE}{first.id}/update/", json=change)
        assert refused.status_code == 409
        assert refused.json["code"] == "last_admin"
    assert User.get(first.id).user_type == 1


def test_create_admin_from_the_command_line_is_idempotent(app, client):
    run = app.test_cli_runner().invoke
    arguments = ["create-admin", "--email", "Root@Shop.example", "--phone", "98765 43210", "--password", PASSWORD]
    assert "Created" in run(args=arguments).output
    assert "already" in run(args=arguments).output
    assert client.post("/api/auth/login/", json={"email": "root@shop.example", "password": PASSWORD}).status_code == 200
    weak = run(args=["create-admin", "--email", "b@shop.example", "--phone", "", "--password", "password"])
    assert weak.exit_code == 1

"""What people change about themselves."""
import pytest

from documents.messages import Message
from documents.users import User
from services import passwords
from tests.http.identity import code_for
from tests.queries import counted

PASSWORD = "correct-horse-7"


@pytest.fixture
def person(people):
    return people.client(email="a@b.example", phone="+919876543210", username="anna",
                         password=passwords.hashed(PASSWORD))


@pytest.fixture
def me(as_user, person):
    return as_user(person)


def test_names_and_profile_flat_or_nested(me):
    reply = me.patch("/accounts/profile/", json={
        "first_name": "Ann", "bio": "hello", "date_of_birth": "1990-02-28", "profile": {"address": "1 Main Street"}})
    assert reply.status_code == 200
    assert reply.json["updated_fields"]["first_name"] == "Ann"
    shown = me.get("/api/users/profile/").json
    assert shown["profile"]["bio"] == "hello"
    assert shown["profile"]["address"] == "1 Main Street"
    assert shown["profile"]["date_of_birth"] == "1990-02-28"
    assert shown["profile"]["phone_number"] == "+919876543210"


@pytest.mark.parametrize(("method", "path"), [("GET", "profile"), ("POST", "verify-session")])
def test_who_i_am_is_one_round_trip(person, me, fund, method, path):
    fund(person, "12.50")
    me.get("/api/plans/")       # signs in
    with counted() as commands:
        shown = me.open(f"/api/auth/{path}/", method=method).json
    assert commands == ["aggregate"]
    assert shown.get("user", shown)["wallet_balance"] == "12.50"


@pytest.mark.parametrize(("changed", "shown"), [
    ({"user_type": 1}, {"user_type": 1, "is_superuser": True}), ({"is_staff": True}, {"is_staff": True}),
    ({"parent": 7}, {"parent": 7}), ({"is_verified": True}, {"is_verified": True}),
    ({"email": "new@b.example"}, {"email": "new@b.example"})])
def test_the_next_call_sees_every_change_of_the_account(person, me, changed, shown):
    me.get("/api/auth/profile/")
    User.collection().update_one({"_id": person.id}, {"$set": changed})
    assert me.get("/api/auth/profile/").json.items() >= shown.items()


def test_a_new_role_decides_on_the_next_call(person, me):
    assert me.get("/api/auth/admin/users/").status_code == 403
    User.change({"_id": person.id}, {"$set": {"is_staff": True}})
    assert me.get("/api/auth/admin/users/").status_code == 200
    User.change({"_id": person.id}, {"$set": {"is_staff": False}})
    assert me.get("/api/auth/admin/users/").status_code == 403


def test_a_client_may_send_back_all_it_was_shown(me):
    shown = me.get("/api/auth/profile/").json
    shown.pop("last_login")
    reply = me.put("/api/auth/profile/", json={**shown, "last_name": "Lee", "is_staff": True, "user_type": 1})
    assert reply.status_code == 200
    assert reply.json["last_name"] == "Lee"
    assert reply.json["is_staff"] is False
    assert reply.json["user_type"] == 4


@pytest.mark.parametrize("body", [
    {"email": "nope"}, {"phone": "12"}, {"first_name": "x" * 151}, {"bio": {"$ne": ""}},
    {"date_of_birth": "1990-02-30"}, {"website": "javascript:alert(1)"}, {"graduation_year": "x"},
    {"privacy_settings": {"$set": 1}}, {"username": "b@c.example"}, {"profile": "x"}, {"email": None, "phone": None}])
def test_bad_values_are_refused(me, person, body):
    assert me.patch("/api/auth/profile/", json=body).status_code == 400
    assert User.get(person.id).to_mongo() == {**person.to_mongo(), "last_login": User.get(person.id).last_login}


def test_a_new_email_needs_proof_of_the_old_self_and_then_of_itself(client, me):
    assert me.patch("/api/auth/profile/", json={"email": "new@b.example"}).status_code == 400
    wrong = me.patch("/api/auth/profile/", json={"email": "new@b.example", "current_password": "wrong-horse-7"})
    assert wrong.status_code == 400
    reply = me.patch("/api/auth/profile/", json={"email": "new@b.example", "current_password": PASSWORD})
    assert reply.json["email"] == "new@b.example"
    assert Message.find_one({"to": "a@b.example", "subject": "Your address was changed"})
    assert User.by_address("email", "new@b.example").unproven == ["email"]
    client.post("/api/auth/verify-otp/", json={"email": "new@b.example", "otp": code_for("new@b.example")})
    assert User.by_address("email", "new@b.example").unproven == []


def test_a_fresh_code_serves_as_well_as_the_password(client, me):
    client.post("/api/auth/otp/generate/", json={"phone": "9876543210"})
    body = {"phone": "+919876500001", "otp": code_for("+919876543210")}
    assert me.patch("/api/auth/profile/", json=body).status_code == 200
    assert me.patch("/api/auth/profile/", json={**body, "phone": "+919876500002"}).status_code == 400


def test_somebody_elses_address_or_name_is_refused(me, people):
    people.client(email="taken@b.example", username="Taken")
    reply = me.patch("/api/auth/profile/", json={"email": "taken@b.example", "username": "TAKEN",
                                                 "current_password": PASSWORD})
    assert reply.status_code == 400
    assert set(reply.json["errors"]) == {"email", "username"}


def test_roles_all_see_themselves(as_user, people):
    for user in (people.admin(), people.distributor(), people.retailer(), people.client()):
        assert as_user(user).get("/api/auth/profile/").json["id"] == user.id

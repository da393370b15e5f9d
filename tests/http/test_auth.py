"""Signing up, verifying, logging in and out, over HTTP."""
from datetime import timedelta

import pytest

from documents.messages import Message
from documents.users import User
from services import passwords
from tests.http.identity import code_for, signed_in

PASSWORD = "correct-horse-7"


@pytest.fixture
def signup(client):
    def post(**body):
        return client.post("/api/auth/signup/", json={"password": PASSWORD, **body})
    return post


def test_signup_verify_login_and_me(client, signup):
    pending = signup(email="Ann@Shop.Example", name="Ann Lee Smith")
    assert pending.status_code == 201
    assert pending.json["valid"] is True
    assert pending.json["otp_expires_at"].endswith("Z")
    assert "otp" not in pending.json
    body = {"email": "ANN@shop.example", "password": PASSWORD}
    assert client.post("/api/auth/login/", json=body).status_code == 400
    verified = client.post("/api/auth/verify-otp/", json={"email": "ann@shop.example",
                                                          "otp": code_for("ann@shop.example")})
    assert verified.status_code == 200
    assert verified.json["user"]["id"] == pending.json["user_id"]
    assert verified.json["user"]["last_name"] == "Lee Smith"
    assert verified.json["user"]["wallet_balance"] == "0.00"
    reply = client.post("/api/auth/login/", json=body)
    assert reply.status_code == 200
    assert reply.json["tokens"] == {"access": reply.json["access"], "refresh": reply.json["refresh"]}
    assert reply.json["token"] == reply.json["access_token"] == reply.json["access"]
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    me = client.get("/api/auth/me/", headers={"Authorization": f"Bearer {reply.json['access']}"})
    assert me.json["email"] == "ann@shop.example"
    assert me.json["user_type_display"] == "Client"


def test_a_session_also_comes_with_the_cookie_until_logout(client, people):
    people.client(email="a@b.example", password=_hash())
    client.post("/api/auth/login/", json={"email": "a@b.example", "password": PASSWORD})
    assert client.post("/api/auth/verify-session/").json["user"]["email"] == "a@b.example"
    assert client.post("/api/auth/logout/").json["valid"] is True
    assert client.get("/api/auth/profile/").status_code == 401


@pytest.mark.parametrize("login", [{"email": "A@b.example"}, {"phone": "98765 43210"}, {"username": "ANNA"},
                                   {"username": "a@b.example"}])
def test_login_by_each_name(client, people, login):
    people.client(email="a@b.example", phone="+919876543210", username="Anna", password=_hash())
    reply = client.post("/api/auth/login/", json={**login, "password": PASSWORD})
    assert reply.status_code == 200
    assert reply.json["user"]["username"] == "Anna"


@pytest.mark.parametrize("login", ["a@b.example", "nobody@b.example"])
def test_wrong_credentials_look_alike(client, people, login):
    people.client(email="a@b.example", password=_hash())
    reply = client.post("/api/auth/login/", json={"email": login, "password": "wrong-horse-7"})
    assert reply.status_code == 400
    assert reply.json["code"] == "invalid_credentials"


def test_ten_failures_close_the_password_door_for_this_client_only(client, people, move_clock):
    people.client(email="a@b.example", password=_hash())
    body = {"email": "a@b.example", "password": "wrong-horse-7"}
    assert {client.post("/api/auth/login/", json=body).status_code for _ in range(10)} == {400}
    right = {"email": "a@b.example", "password": PASSWORD}
    refused = client.post("/api/auth/login/", json=right)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    elsewhere = client.post("/api/auth/login/", json=right, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 200
    move_clock(timedelta(minutes=16))
    assert client.post("/api/auth/login/", json=right).status_code == 200


def test_registered_accounts_work_at_once_and_verify_later(client):
    reply = client.post("/api/auth/register/", json={
        "username": "stu", "email": "stu@uni.example", "password": PASSWORD, "password_confirm": PASSWORD})
    assert reply.status_code == 201
    assert reply.json["user"]["is_verified"] is False
    again = client.post("/api/auth/verify-otp/", json={"email": "stu@uni.example", "code": code_for("stu@uni.example")})
    assert again.json["user"]["is_verified"] is True
    login = client.post("/api/users/login/", json={"email": "stu@uni.example", "password": PASSWORD})
    assert login.status_code == 200


def test_a_taken_address_is_refused_on_its_field_and_a_pending_one_is_not(client, signup, people):
    people.client(email="taken@b.example", phone="+919876543210", username="Taken")
    reply = signup(email="taken@b.example", phone="+919876543210", username="tAKEN")
    assert reply.status_code == 400
    assert set(reply.json["errors"]) == {"email", "phone", "username"}
    assert reply.json["email"] == ["User with this email already exists."]
    assert signup(email="new@b.example").status_code == 201
    first = code_for("new@b.example")
    assert signup(email="new@b.example", password="another-horse-8").status_code == 201
    body = {"email": "new@b.example"}
    if first != code_for("new@b.example"):
        assert client.post("/api/auth/verify-otp/", json={**body, "otp": first}).status_code == 400
    assert client.post("/api/auth/verify-otp/", json={**body, "otp": code_for("new@b.example")}).status_code == 200
    assert client.post("/api/auth/login/", json={**body, "password": PASSWORD}).status_code == 400
    assert client.post("/api/auth/login/", json={**body, "password": "another-horse-8"}).status_code == 200


def test_signing_up_never_chooses_the_role(client, signup):
    signup(phone="+919876543210", user_type=1, is_staff=True)
    reply = client.post("/api/auth/verify-otp/", json={"phone": "9876543210", "otp": code_for("+919876543210")})
    assert reply.json["user"]["user_type"] == 4
    assert reply.json["user"]["is_staff"] is False


@pytest.mark.parametrize(("password", "message"), [
    ("short-7", "too short"), ("8675309123", "entirely numeric"), ("Password1", "too common")])
def test_weak_passwords_are_refused(signup, password, message):
    reply = signup(email="a@b.example", password=password)
    assert reply.status_code == 400
    assert message in " ".join(reply.json["password"])
    assert Message.find_one({}) is None


@pytest.mark.parametrize("body", [
    {}, {"email": {"$ne": ""}}, {"email": "not-an-address"}, {"phone": "123"}, {"email": ["a@b.example"]},
    {"email": "a@b.example", "username": "sp ace"}, {"email": "a@b.example", "username": "other@b.example"},
    {"email": "a@b.example", "password": {"$gt": ""}}, {"email": "a@b.example", "first_name": "x" * 151},
    {"email": "a@b.example", "password_confirm": "different-1"}, {"email": "a\x00@b.example"}])
def test_bad_signups_are_refused_and_leave_nothing(signup, body):
    reply = signup(**body)
    assert reply.status_code == 400
    assert reply.json["errors"]
    assert Message.find_one({}) is None


def test_an_operator_is_no_code(client, signup):
    signup(email="a@b.example")
    for value in ({"$ne": ""}, ["1"], True, None, ""):
        assert client.post("/api/auth/verify-otp/", json={"email": "a@b.example", "otp": value}).status_code == 400
    assert User.find_one({}) is None


def test_a_phone_gets_an_account_when_it_enters_its_code_not_earlier(client):
    sent = client.post("/api/auth/otp/generate/", json={"phone": "+91 98765 43210"})
    assert sent.status_code == 200
    assert set(sent.json) == {"message", "detail", "expires_in", "otp_expires_at"}
    assert User.find_one({}) is None
    reply = client.post("/api/auth/otp/verify/", json={"phone": "9876543210", "code": code_for("+919876543210")})
    assert reply.json["user"]["phone"] == "+919876543210"
    assert reply.json["user"]["user_type"] == 4


def test_asking_for_a_code_answers_alike_and_mails_no_stranger(client, people):
    people.client(email="a@b.example")
    known = client.post("/api/auth/resend-otp", json={"email": "a@b.example"})
    unknown = client.post("/api/auth/resend-otp", json={"email": "no@b.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.json["message"] == unknown.json["message"]
    assert Message.find_one({"to": "no@b.example"}) is None


def test_five_codes_an_hour(client, move_clock):
    answers = [client.post("/api/auth/otp/generate/", json={"phone": "+919876543210"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    move_clock(timedelta(minutes=61))
    assert client.post("/api/auth/otp/generate/", json={"phone": "+919876543210"}).status_code == 200


def test_an_expired_code_is_refused(client, signup, move_clock):
    signup(email="a@b.example")
    move_clock(timedelta(minutes=6))
    reply = client.post("/api/auth/verify-otp/", json={"email": "a@b.example", "otp": code_for("a@b.example")})
    assert reply.status_code == 400
    assert reply.json["code"] == "invalid_otp"


def test_a_disabled_account_cannot_come_back_by_a_code(client, people):
    people.client(phone="+919876543210", email=None, is_active=False)
    assert client.post("/api/auth/otp/generate/", json={"phone": "+919876543210"}).status_code == 200
    assert Message.find_one({}) is None


def test_refresh_rotates_and_reuse_ends_the_session(client, people):
    people.client(email="a@b.example", password=_hash())
    first = client.post("/api/auth/login/", json={"email": "a@b.example", "password": PASSWORD}).json
    second = client.post("/api/auth/token/refresh/", json={"refresh": first["refresh"]})
    assert second.status_code == 200
    assert second.json["access"] != first["access"]
    assert client.get("/api/auth/profile/", headers=_bearer(second.json)).status_code == 200
    reused = client.post("/api/auth/refresh", json={"refresh": first["refresh"]})
    assert reused.status_code == 401
    assert reused.json["code"] == "token_not_valid"
    assert client.get("/api/auth/profile/", headers=_bearer(second.json)).status_code == 401
    assert client.post("/api/auth/token/refresh/", json={"refresh": second.json["refresh"]}).status_code == 401


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(client, people):
    people.client(email="a@b.example", password=_hash())
    reply = client.post("/api/auth/login/", json={"email": "a@b.example", "password": PASSWORD}).json
    client.delete_cookie("token")
    assert client.post("/api/auth/token/refresh/", json={"refresh": reply["access"]}).status_code == 401
    assert client.get("/api/auth/profile/", headers={"Authorization": f"Bearer {reply['refresh']}"}).status_code == 401


def test_tokens_end_in_time(client, people, move_clock):
    people.client(email="a@b.example", password=_hash())
    reply = client.post("/api/auth/login/", json={"email": "a@b.example", "password": PASSWORD}).json
    client.delete_cookie("token")
    move_clock(timedelta(minutes=61))
    assert client.get("/api/auth/profile/", headers=_bearer(reply)).status_code == 401
    assert client.post("/api/auth/token/refresh/", json={"refresh": reply["refresh"]}).status_code == 200
    move_clock(timedelta(days=30))
    assert client.post("/api/auth/token/refresh/", json={"refresh": reply["refresh"]}).status_code == 401


def test_sessions_are_listed_and_ended(as_user, people):
    user = people.client()
    here, there = signed_in(as_user(user)), signed_in(as_user(user))
    rows = here.get("/api/auth/sessions/").json
    assert sorted(row["current"] for row in rows) == [False, True]
    other = next(row["id"] for row in rows if not row["current"])
    assert as_user(people.client()).delete(f"/api/auth/sessions/{other}/").status_code == 404
    assert here.delete(f"/api/auth/sessions/{other}/").status_code == 204
    assert there.get("/api/auth/profile/").status_code == 401
    third = signed_in(as_user(user))
    assert here.delete("/api/auth/sessions/").status_code == 204
    assert third.get("/api/auth/profile/").status_code == 401
    assert here.post("/api/auth/logout-all/").status_code == 200
    assert here.get("/api/auth/profile/").status_code == 401


def test_public_routes_ignore_a_broken_token(client, people):
    people.client(email="a@b.example", password=_hash())
    reply = client.post("/api/auth/login/", json={"email": "a@b.example", "password": PASSWORD},
                        headers={"Authorization": "Bearer undefined"})
    assert reply.status_code == 200


def _bearer(reply: dict) -> dict:
    return {"Authorization": f"Bearer {reply['access']}"}


def _hash() -> str:
    return passwords.hashed(PASSWORD)

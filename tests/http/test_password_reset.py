"""New passwords: by link, by code, right after a code, with the old one."""
import re
from datetime import timedelta

import pytest

from documents.messages import Message
from services import passwords
from tests.http.identity import code_for, signed_in

OLD, NEW = "correct-horse-7", "another-horse-8"


@pytest.fixture
def person(people):
    return people.client(email="a@b.example", phone="+919876543210", password=passwords.hashed(OLD))


def link_for(address: str) -> dict:
    """uid and token of the newest reset mail."""
    body = Message.find_one({"to": address, "subject": "Password Reset Request"}, sort=[("_id", -1)]).body
    uid, token = re.search(r"/reset-password/([^/]+)/([^/]+)/", body).groups()
    return {"uid": uid, "token": token}


def logs_in(client, password: str) -> bool:
    client.delete_cookie("token")
    reply = client.post("/api/auth/login/", json={"email": "a@b.example", "password": password})
    client.delete_cookie("token")
    return reply.status_code == 200


def test_by_mailed_link_once(client, as_user, person):
    logged_in = signed_in(as_user(person))
    assert client.post("/api/auth/password-reset/", json={"email": "A@b.example"}).status_code == 200
    body = {**link_for("a@b.example"), "password": NEW, "password_confirm": NEW}
    weak = client.post("/api/auth/password-reset-confirm/", json={**body, "password": "1", "password_confirm": "1"})
    assert weak.status_code == 400
    assert client.post("/api/auth/password-reset-confirm/", json=body).status_code == 200
    assert logged_in.get("/api/auth/profile/").status_code == 401
    assert logs_in(client, NEW)
    assert not logs_in(client, OLD)
    again = client.post("/api/auth/password-reset-confirm/", json=body)
    assert again.status_code == 400
    assert again.json["code"] == "invalid_reset_link"


def test_a_link_ends_in_time_and_with_the_next_one(client, person, move_clock):
    client.post("/api/auth/password-reset/", json={"email": "a@b.example"})
    first = link_for("a@b.example")
    client.post("/api/auth/password-reset/", json={"email": "a@b.example"})
    second = link_for("a@b.example")
    assert client.post("/api/auth/password-reset-confirm/", json={**first, "password": NEW}).status_code == 400
    move_clock(timedelta(minutes=61))
    assert client.post("/api/auth/password-reset-confirm/", json={**second, "password": NEW}).status_code == 400


@pytest.mark.parametrize("change", [{"uid": "!!"}, {"uid": "OTk5OTk5OQ"}, {"uid": "MTE" * 13}, {"token": "x"},
                                    {"uid": None}, {"uid": 5}, {"token": {"$ne": ""}}])
def test_a_wrong_link_is_a_400(client, person, change):
    client.post("/api/auth/password-reset/", json={"email": "a@b.example"})
    body = {**link_for("a@b.example"), "password": NEW, **change}
    assert client.post("/api/auth/password-reset-confirm/", json=body).status_code == 400


def test_by_code(client, as_user, person):
    logged_in = signed_in(as_user(person))
    client.post("/api/auth/password-reset/", json={"phone": "9876543210"})
    body = {"phone": "9876543210", "otp": code_for("+919876543210"), "password": NEW}
    assert client.post("/api/auth/password-reset-confirm/", json=body).status_code == 200
    assert logged_in.get("/api/auth/profile/").status_code == 401
    assert logs_in(client, NEW)
    assert client.post("/api/auth/password-reset-confirm/", json=body).status_code == 400


def test_a_login_code_is_no_reset_code(client, person):
    client.post("/api/auth/otp/generate/", json={"phone": "9876543210"})
    body = {"phone": "9876543210", "otp": code_for("+919876543210"), "password": NEW}
    assert client.post("/api/auth/password-reset-confirm/", json=body).status_code == 400


def test_right_after_a_code_from_the_same_client_and_once(client, person, move_clock):
    body = {"phone": "9876543210", "new_password": NEW}
    assert client.post("/api/auth/reset-password/", json=body).status_code == 400
    client.post("/api/auth/otp/generate/", json={"phone": "9876543210"})
    client.post("/api/auth/verify-otp/", json={"phone": "9876543210", "otp": code_for("+919876543210")})
    client.delete_cookie("token")
    stranger = client.post("/api/auth/reset-password/", json=body, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert stranger.status_code == 400
    assert client.post("/api/auth/reset-password/", json=body).status_code == 200
    assert logs_in(client, NEW)
    assert client.post("/api/auth/reset-password/", json={**body, "new_password": OLD}).status_code == 400


def test_not_long_after_a_code(client, person, move_clock):
    client.post("/api/auth/otp/generate/", json={"phone": "9876543210"})
    client.post("/api/auth/verify-otp/", json={"phone": "9876543210", "otp": code_for("+919876543210")})
    client.delete_cookie("token")
    move_clock(timedelta(minutes=11))
    body = {"phone": "9876543210", "new_password": NEW}
    assert client.post("/api/auth/reset-password/", json=body).status_code == 400


def test_with_the_own_token_only_the_own_password(client, as_user, people, person):
    other = people.client()
    reply = as_user(other).post("/api/auth/reset-password/", json={"phone": "9876543210", "new_password": NEW})
    assert reply.status_code == 200
    assert logs_in(client, OLD)
    assert client.post("/api/auth/login/", json={"email": other.email, "password": NEW}).status_code == 200


def test_unknown_addresses_are_answered_alike(client, person):
    known = client.post("/api/auth/password-reset/", json={"email": "a@b.example"})
    unknown = client.post("/api/auth/password-reset/", json={"email": "no@b.example"})
    assert known.json == unknown.json
    assert Message.find_one({"to": "no@b.example"}) is None


def test_changing_it_ends_all_sessions_and_opens_a_new_one(client, as_user, person):
    here, there = signed_in(as_user(person)), signed_in(as_user(person))
    wrong = here.post("/api/users/change-password/", json={
        "old_password": "wrong-horse-9", "new_password": NEW, "confirm_password": NEW})
    assert wrong.status_code == 400
    assert wrong.json["old_password"] == ["Old password is incorrect."]
    unequal = {"old_password": OLD, "new_password": NEW, "confirm_password": OLD}
    assert here.post("/api/users/change-password/", json=unequal).status_code == 400
    reply = here.post("/api/users/change-password/", json={**unequal, "confirm_password": NEW})
    assert reply.status_code == 200
    assert reply.json["message"] == "Password changed successfully."
    assert here.get("/api/auth/profile/").status_code == there.get("/api/auth/profile/").status_code == 401
    fresh = client.get("/api/auth/profile/", headers={"Authorization": f"Bearer {reply.json['access']}"})
    assert fresh.status_code == 200
    assert logs_in(client, NEW)

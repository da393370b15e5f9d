"""A referral code given at signup is applied when the address is verified."""
from documents.referrals import Referral
from documents.users import User
from services import referrals
from tests.http.identity import code_for
from tests.referring import terms

BODY = {"email": "new@b.example", "password": "correct-horse-7"}


def test_a_given_code_is_applied_at_verification(client, people):
    terms(people.admin())
    code = referrals.code_of(user=people.client()).code
    assert client.post("/api/auth/signup/", json={**BODY, "referral_code": code.lower()}).status_code == 201
    assert Referral.find_one({}) is None
    reply = client.post("/api/auth/verify-otp/", json={"email": BODY["email"], "otp": code_for(BODY["email"])})
    assert reply.status_code == 200
    assert Referral.find_one({}).referred == reply.json["user"]["id"]
    assert User.by_address("email", BODY["email"]).referral_code is None


def test_an_unknown_code_is_refused_on_its_field(client):
    reply = client.post("/api/auth/signup/", json={**BODY, "referral_code": "SVH-NOBODY"})
    assert reply.status_code == 400
    assert reply.json["referral_code"]
    assert client.post("/api/auth/signup/", json={**BODY, "referral_code": ""}).status_code == 201


def test_a_code_that_cannot_be_applied_any_more_keeps_nobody_out(client, people):
    code = referrals.code_of(user=people.client()).code  # there is no reward config
    client.post("/api/auth/signup/", json={**BODY, "referral_code": code})
    reply = client.post("/api/auth/verify-otp/", json={"email": BODY["email"], "otp": code_for(BODY["email"])})
    assert reply.status_code == 200
    assert Referral.find_one({}) is None

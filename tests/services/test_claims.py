"""Whose account an address opens, when one person claims it and another proves it."""
import pytest

from documents.errors import Invalid, InvalidCredentials
from documents.messages import Message
from documents.sessions import Session
from documents.signups import Signup
from documents.users import User
from services import accounts, credentials, logins, profiles
from services.accounts import Applicant
from services.otps import InvalidCode
from services.sessions import Device

OWNER, THIEF = "10.0.0.1", "10.6.6.6"
THEIR_PASSWORD, MY_PASSWORD = "thieves-horse-6", "correct-horse-7"
EMAIL, PHONE = "me@b.example", "+919876543210"


def code_for(address: str) -> str:
    return Message.find_one({"to": address, "code": {"$ne": None}}, sort=[("_id", -1)]).code


def enter(address: str = EMAIL, client: str = OWNER) -> User:
    return logins.log_in_with_code(address=address, code=code_for(address), device=Device(address=client)).user


def can_log_in(login: str, password: str) -> bool:
    try:
        return bool(logins.log_in(login=login, password=password, device=Device()))
    except InvalidCredentials:
        return False


def signup(password: str, client: str, **fields: str) -> None:
    accounts.signup(applicant=Applicant(**{"email": EMAIL, **fields}), password=password, client=client)


def test_my_code_never_makes_a_strangers_password_good(app):
    signup(MY_PASSWORD, OWNER)
    signup(THEIR_PASSWORD, THIEF)
    enter()
    assert not can_log_in(EMAIL, THEIR_PASSWORD)
    assert not can_log_in(EMAIL, MY_PASSWORD)  # nobody can tell whose is whose: the owner sets one anew
    session = Session.find_one({})
    credentials.reset(user=User.get(session.user), address=None, code=None, new_password=MY_PASSWORD,
                      device=Device(address=OWNER))
    assert can_log_in(EMAIL, MY_PASSWORD)


def test_a_login_code_i_ask_for_does_not_confirm_a_strangers_signup(app):
    signup(THEIR_PASSWORD, THIEF)
    logins.send_code(address=EMAIL, client=OWNER)
    assert enter().email == EMAIL
    assert not can_log_in(EMAIL, THEIR_PASSWORD)


def test_a_resend_from_the_same_client_keeps_the_password(app):
    signup(MY_PASSWORD, OWNER)
    logins.send_code(address=EMAIL, client=OWNER)
    enter()
    assert can_log_in(EMAIL, MY_PASSWORD)


def test_a_registration_by_a_stranger_is_taken_over_without_its_password(app):
    accounts.register(applicant=Applicant(email=EMAIL), password=THEIR_PASSWORD, device=Device(address=THIEF))
    logins.send_code(address=EMAIL, client=OWNER)
    user = enter()
    assert user.is_verified
    assert not can_log_in(EMAIL, THEIR_PASSWORD)
    assert [session.address for session in Session.find({})] == [OWNER]


def test_a_signup_takes_the_address_from_a_mere_registration(app):
    squatter = accounts.register(applicant=Applicant(email=EMAIL), password=THEIR_PASSWORD,
                                 device=Device(address=THIEF)).user
    signup(MY_PASSWORD, THIEF)  # from the same network, too
    mine = enter()
    assert mine.id != squatter.id
    assert User.get(squatter.id).email is None
    assert can_log_in(EMAIL, MY_PASSWORD)


def test_my_phone_on_a_strangers_account_opens_my_own_account(app):
    signup(THEIR_PASSWORD, THIEF, email="thief@b.example", phone=PHONE)
    theirs = enter("thief@b.example", THIEF)
    assert theirs.unproven == ["phone"]
    logins.send_code(address=PHONE, client=OWNER)
    mine = enter(PHONE)
    assert mine.id != theirs.id
    assert User.get(theirs.id).phone is None


def test_both_addresses_of_one_signup_become_proved(app):
    signup(MY_PASSWORD, OWNER, phone=PHONE)
    assert enter().unproven == ["phone"]
    assert enter(PHONE).unproven == []
    assert User.collection().count_documents({}) == 1
    assert can_log_in(PHONE, MY_PASSWORD)
    assert Signup.find_one({}) is None


def test_a_reset_goes_to_no_address_that_is_only_claimed(people):
    user = people.client(email=EMAIL, phone=PHONE, unproven=["email"])
    credentials.send_reset(address=EMAIL, client=OWNER)
    assert Message.find_one({}) is None
    credentials.send_reset(address=user.phone, client=OWNER)
    assert Message.find_one({"to": PHONE})


def test_a_taken_address_stays_taken_by_profile(people):
    people.client(email=EMAIL)
    other = people.client(email="other@b.example")
    with pytest.raises(Invalid) as refused:
        profiles.update(user=other, changes={"email": EMAIL}, profile={}, current_password=None, code=None,
                        client=OWNER)
    assert set(refused.value.errors) == {"email"}


def test_a_code_of_a_disabled_account_opens_nothing(people):
    user = people.client(phone=PHONE)
    logins.send_code(address=PHONE, client=OWNER)
    User.change({"_id": user.id}, {"$set": {"is_active": False}})
    with pytest.raises(InvalidCode):
        enter(PHONE)

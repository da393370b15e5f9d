"""Many hands on one account, one code, one session: each rule has one winner."""
import itertools
import threading

import pytest

from documents import clock
from documents.errors import InvalidCredentials, TooMany
from documents.messages import Message
from documents.otps import MAX_TRIES, Otp, Purpose
from documents.password_resets import PasswordReset
from documents.sessions import Session
from documents.throttles import Throttle
from documents.users import User
from services import accounts, admin_users, credentials, logins, otps, passwords, sessions
from services.accounts import Applicant
from services.admin_users import LastAdmin
from services.otps import InvalidCode
from services.sessions import Device, SignedIn, TokenNotValid
from tests.parallel import together

PASSWORD = "correct-horse-7"
PHONE = "+919876543210"
EMAIL = "a@b.example"


def code_for(address: str) -> str:
    return Message.find_one({"to": address, "code": {"$ne": None}}, sort=[("_id", -1)]).code


def winners(results: list) -> list[SignedIn]:
    return [result for result in results if isinstance(result, SignedIn)]


def test_one_address_signed_up_twenty_times_is_one_account(app):
    results = together(20, lambda _n: accounts.signup(
        applicant=Applicant(email=EMAIL), password=PASSWORD, client="10.0.0.1"))
    assert sum(isinstance(result, accounts.Pending) for result in results) == 5  # the sends an hour
    assert sum(isinstance(result, TooMany) for result in results) == 15
    code = next(message.code for message in Message.find({})
                if otps.digest(EMAIL, Purpose.SIGN_IN, message.code) == Otp.get(EMAIL).digest)
    logins.log_in_with_code(address=EMAIL, code=code, device=Device())
    assert User.collection().count_documents({}) == 1


def test_one_address_registered_twenty_times_is_one_account(app):
    results = together(20, lambda _n: accounts.register(
        applicant=Applicant(email=EMAIL), password=PASSWORD, device=Device()))
    assert len(winners(results)) == 1
    assert User.collection().count_documents({}) == 1
    assert Session.collection().count_documents({}) == 1


def test_of_a_thousand_guesses_five_are_judged(app, monkeypatch):
    logins.send_code(address=PHONE, client="10.0.0.1")
    right, judged = code_for(PHONE), itertools.count()
    guesses = iter([f"{number:06}" for number in range(1001) if f"{number:06}" != right][:1000])
    compare = otps.hmac.compare_digest
    monkeypatch.setattr(otps.hmac, "compare_digest", lambda *both: (next(judged), compare(*both))[1])

    def guess(_number: int) -> None:
        for code in itertools.islice(guesses, 25):
            with pytest.raises(InvalidCode):
                logins.log_in_with_code(address=PHONE, code=code, device=Device())

    assert together(32, guess) == [None] * 32
    assert next(judged) == 5
    with pytest.raises(InvalidCode):
        logins.log_in_with_code(address=PHONE, code=right, device=Device())
    assert Session.find_one({}) is None


def test_one_code_entered_rightly_twenty_times_opens_one_session(app, monkeypatch):
    logins.send_code(address=PHONE, client="10.0.0.1")
    code, judge, judged = code_for(PHONE), otps.judge, threading.Barrier(MAX_TRIES)

    def judge_together(**guess: object) -> Otp:
        otp = judge(**guess)
        judged.wait(timeout=20)  # until all five tries were found right, so that they race for what follows
        return otp

    monkeypatch.setattr(otps, "judge", judge_together)
    results = together(20, lambda _n: logins.log_in_with_code(address=PHONE, code=code, device=Device()))
    assert len(winners(results)) == 1
    assert sum(isinstance(result, InvalidCode) for result in results) == 19
    assert Session.collection().count_documents({}) == User.collection().count_documents({}) == 1


def test_six_codes_asked_for_at_once_are_five(app):
    results = together(12, lambda _n: logins.send_code(address=PHONE, client="10.0.0.1"))
    assert sum(isinstance(result, TooMany) for result in results) == 7
    assert Message.collection().count_documents({}) == 5


def test_one_refresh_token_used_twenty_times_wins_once_and_ends_its_session(people):
    signed_in = sessions.open_session(user=people.client(), device=Device())
    sid, user_id = signed_in.session.id, signed_in.user.id
    results = together(20, lambda _n: sessions.refresh(sid=sid, user_id=user_id, generation=0))
    assert len(winners(results)) <= 1  # the winner is read again after a loser may have ended the session
    assert sum(isinstance(result, TokenNotValid) for result in results) >= 19
    assert Session.find_one({"_id": sid}) is None


def test_nobody_stays_logged_in_who_was_deactivated_while_logging_in(people):
    admin = people.admin()
    for _ in range(10):
        user = people.retailer(password=passwords.hashed(PASSWORD))

        def act(number: int, user: User = user) -> object:
            if number == 4:
                return admin_users.update(manager=admin, user_id=user.id, fields={"is_active": False})
            return logins.log_in(login=user.email, password=PASSWORD, device=Device())

        results = together(8, act)
        assert all(isinstance(result, (SignedIn, User, InvalidCredentials)) for result in results)
        assert Session.find_one({"user": user.id}) is None


def test_nobody_stays_logged_in_with_a_password_that_was_changed_meanwhile(people):
    for _ in range(10):
        user = people.client(password=passwords.hashed(PASSWORD))

        def act(number: int, user: User = user) -> object:
            if number == 4:
                return credentials.change(user=user, old_password=PASSWORD, new_password="another-horse-8",
                                          device=Device())
            return logins.log_in(login=user.email, password=PASSWORD, device=Device())

        results = together(8, act)
        changed = results[4].session.id
        assert [session.id for session in Session.find({"user": user.id})] == [changed]


def test_two_admins_who_demote_each_other_leave_one(people):
    for _ in range(10):
        pair = people.admin(), people.admin()
        changes = {"user_type": 2}, {"is_active": False}
        results = together(2, lambda n, pair=pair, changes=changes: admin_users.update(
            manager=pair[n], user_id=pair[1 - n].id, fields=changes[n]))
        assert sum(isinstance(result, LastAdmin) for result in results) == 1
        left = list(User.find({"user_type": 1, "is_active": True}))
        assert len(left) == 1
        User.collection().delete_many({})


def test_parallel_guesses_of_a_password_stop_at_ten(people):
    user = people.client(password=passwords.hashed(PASSWORD))
    results = together(40, lambda n: logins.log_in(login=user.email, password=f"wrong-horse-{n}",
                                                   device=Device(address="10.0.0.1")))
    assert sum(isinstance(result, InvalidCredentials) for result in results) == 10
    assert sum(isinstance(result, TooMany) for result in results) == 30


def test_one_reset_link_used_twenty_times_sets_one_password(people):
    user = people.client()
    PasswordReset(user=user.id, digest=credentials._digest(user.id, "token"), email=user.email,
                  expires_at=clock.now() + credentials.AFTER_CODE).create()
    uid = credentials.base64.urlsafe_b64encode(str(user.id).encode()).decode().rstrip("=")
    results = together(20, lambda n: credentials.reset_by_link(
        uid=uid, token="token", new_password=f"another-horse-{n}"))
    assert sum(isinstance(result, User) for result in results) == 1
    assert sum(isinstance(result, credentials.InvalidLink) for result in results) == 19


def test_a_throttle_counts_every_hit(app):
    results = together(30, lambda _n: Throttle.hit(key="k", limit=7, window=otps.timedelta(hours=1)))
    assert sum(result is None for result in results) == 7


def test_a_right_password_that_was_still_being_checked_when_the_door_closed_stays_outside(people, monkeypatch):
    user = people.client(password=passwords.hashed(PASSWORD))
    device, verify = Device(address="10.0.0.1"), passwords.verify

    def slow_verify(stored: str | None, password: str) -> bool:
        monkeypatch.setattr(passwords, "verify", verify)
        together(10, lambda n: logins.log_in(login=user.email, password=f"wrong-horse-{n}", device=device))
        return verify(stored, password)

    monkeypatch.setattr(passwords, "verify", slow_verify)
    with pytest.raises(TooMany):
        logins.log_in(login=user.email, password=PASSWORD, device=device)
    assert Session.find_one({"user": user.id}) is None

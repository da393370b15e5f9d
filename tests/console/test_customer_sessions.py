"""Keeping somebody out from a customer's page: sessions that staff end, accounts that they switch off."""
import pytest

from documents.errors import Forbidden
from documents.sessions import Session
from documents.staff_actions import StaffAction
from documents.users import User
from services import session_revocation
from services.sessions import Device, open_session
from tests.consoling import console_of


def url(user: User, rest: str = "") -> str:
    return f"/admin/customers/{user.id}/{rest}"


def test_a_revoked_session_is_out_at_its_next_call(console, people, as_user):
    user = people.client()
    theirs = as_user(user)
    assert theirs.get("/api/auth/sessions/").status_code == 200
    session = Session.find_one({"user": user.id})
    answer = console.post(url(user, f"sessions/{session.id}/revoke/"), reason=" Phone was stolen ")
    assert answer.status_code == 302
    assert answer.location.endswith(url(user))
    assert theirs.get("/api/auth/sessions/").status_code == 401
    line = StaffAction.find_one({"user": user.id})
    assert (line.name, line.reason, line.status) == ("session.revoke", "Phone was stolen", "done")
    assert "The session has ended." in console.get(url(user)).text
    console.post(url(user, f"sessions/{session.id}/revoke/"))
    assert "ended already" in console.get(url(user)).text
    assert StaffAction.collection().count_documents({"user": user.id}) == 1


def test_a_session_of_somebody_else_is_not_found_under_this_name(console, people, as_user):
    user, other = people.client(), people.client()
    as_user(other).get("/api/auth/sessions/")
    session = Session.find_one({"user": other.id})
    console.post(url(user, f"sessions/{session.id}/revoke/"))
    assert Session.find_one({"_id": session.id}) is not None


def test_all_sessions_end_at_once(console, people, as_user):
    user = people.client()
    clients = [as_user(user) for _ in range(3)]
    assert all(client.get("/api/auth/sessions/").status_code == 200 for client in clients)
    console.post(url(user, "sessions/revoke/"), reason="Left the company")
    assert [client.get("/api/auth/sessions/").status_code for client in clients] == [401] * 3
    line = StaffAction.find_one({"user": user.id})
    assert (line.name, line.before) == ("session.revoke_all", {"sessions": 3})
    console.post(url(user, "sessions/revoke/"))
    assert StaffAction.collection().count_documents({"user": user.id}) == 1


def test_the_audit_line_and_the_end_of_the_session_are_one(people, as_user):
    user = people.client()
    as_user(user).get("/api/auth/sessions/")
    session = Session.find_one({"user": user.id})
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever refuses the line
        session_revocation.revoke(user_id=user.id, sid=session.id, actor=people.admin(), address="x" * 100)
    assert Session.find_one({"_id": session.id}) is not None


def test_only_admins_end_the_sessions_of_staff(people):
    helper, admin = people.client(is_staff=True), people.admin()
    open_session(user=admin, device=Device())
    with pytest.raises(Forbidden):
        session_revocation.revoke_all(user_id=admin.id, actor=helper, address="")
    assert Session.find_one({"user": admin.id}) is not None
    open_session(user=helper, device=Device())
    assert session_revocation.revoke_all(user_id=helper.id, actor=helper, address="") == 1


def test_a_deactivated_account_is_out_and_comes_back(console, people, as_user):
    user = people.client()
    theirs = as_user(user)
    assert theirs.get("/api/auth/sessions/").status_code == 200
    console.post(url(user, "switch/"), active="no")
    assert User.get(user.id).is_active      # without a reason nothing happens
    console.post(url(user, "switch/"), active="no", reason="Asked us to")
    assert not User.get(user.id).is_active
    assert theirs.get("/api/auth/sessions/").status_code == 401
    page = console.get(url(user)).text
    assert "The account is deactivated now." in page
    assert "Activate the account" in page
    console.post(url(user, "switch/"), active="yes", reason="Came back")
    lines = [(line.name, line.reason) for line in StaffAction.find({"user": user.id}, sort=[("_id", 1)])]
    assert lines == [("user.deactivate", "Asked us to"), ("user.activate", "Came back")]


def test_nobody_switches_their_own_account_off(app, people):
    admin = people.admin()
    people.admin()
    console = console_of(app, admin)
    console.post(url(admin, "switch/"), active="no", reason="Tired")
    assert User.get(admin.id).is_active
    assert "your own account" in console.get(url(admin)).text

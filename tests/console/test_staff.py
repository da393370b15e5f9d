"""The page on which admins say who is staff."""
import pytest

from documents.permissions import UserType
from documents.staff_actions import StaffAction
from documents.users import User
from tests.consoling import Console, with_password


def test_a_client_is_found_made_staff_and_signs_in_with_these_rights(app, people, console):
    user = with_password(people.client())
    found = console.get(f"/admin/staff/find/?login={user.email}")
    assert found.location == f"/admin/staff/{user.id}/"
    assert "Make staff" in console.get(found.location).text
    console.post(f"/admin/staff/{user.id}/permissions/", permissions=["manage_jobs", "view_reports"], reason="Nights")
    page = console.get(f"/admin/staff/{user.id}/").text
    assert 'value="manage_jobs" checked' in page
    assert 'value="manage_users" checked' not in page
    assert "manage jobs, view reports" in console.get("/admin/staff/").text
    line = StaffAction.find_one({"name": "staff.permissions"})
    assert (line.subject, line.reason) == (f"user:{user.id}", "Nights")
    member = Console(app)
    assert member.sign_in(user).status_code == 302
    assert member.get("/admin/jobs/").status_code == 200
    assert member.get("/admin/users/").status_code == 403


def test_everything_is_one_tick(people, console):
    user = people.client()
    console.post(f"/admin/staff/{user.id}/permissions/", everything="yes", permissions=["manage_jobs"])
    assert User.get(user.id).staff_permissions is None
    assert 'id="everything" name="everything" value="yes" checked' in console.get(f"/admin/staff/{user.id}/").text


def test_rights_are_withdrawn(people, console):
    user = people.client(is_staff=True)
    console.post(f"/admin/staff/{user.id}/withdraw/", reason="Left")
    assert User.get(user.id).is_staff is False
    assert "Withdrawn." in console.get("/admin/staff/").text


def test_the_last_admin_is_told_to_stay(people, console):
    admin = User.find_one({"user_type": UserType.ADMIN.value})
    console.post(f"/admin/staff/{admin.id}/withdraw/", reason="Left")
    assert "The last active admin" in console.get("/admin/staff/").text
    assert User.get(admin.id).role is UserType.ADMIN


@pytest.mark.parametrize("permissions", [["manage_staff"], ["manage_jobs", "no such thing"], ["recharge"]])
def test_what_cannot_be_granted_is_refused(people, console, permissions):
    user = people.client()
    console.post(f"/admin/staff/{user.id}/permissions/", permissions=permissions)
    assert "Not a permission that can be granted." in console.get("/admin/staff/").text
    assert not User.get(user.id).is_staff


def test_nobody_is_found_by_a_name_that_nobody_has(console):
    assert console.get("/admin/staff/find/?login=nobody%00").location == "/admin/staff/"
    assert "Nobody has this e-mail" in console.get("/admin/staff/").text
    assert console.get("/admin/staff/999999/").status_code == 404

"""Staff: who may be, what each may do, and that nobody takes more."""
import pytest

from documents.errors import Conflict, Forbidden, Invalid, NotFound
from documents.permissions import GRANTABLE, Permission, UserType
from documents.sessions import Session
from documents.staff_actions import StaffAction
from documents.users import User
from services import admin_users, sessions, staff
from services.admin_users import LastAdmin
from services.sessions import Device
from tests.parallel import together

VIEW, SUPPORT, USERS = (Permission.VIEW_REPORTS.value, Permission.MANAGE_SUPPORT.value, Permission.MANAGE_USERS.value)


def grant(people, user, permissions, actor=None):
    return staff.set_permissions(actor=actor or people.admin(), user_id=user.id, permissions=permissions,
                                 address="192.0.2.9", reason="Joins the help desk")


def test_a_client_becomes_staff_with_these_permissions_only(people, as_user):
    user = grant(people, people.client(), [SUPPORT, VIEW])
    assert {permission for permission in GRANTABLE if user.can(permission)} == {SUPPORT, VIEW}
    assert as_user(user).get("/api/auth/admin/users/").status_code == 403
    line = StaffAction.find_one({"name": "staff.permissions"})
    assert (line.before["staff"], line.after["permissions"], line.user) == (False, [SUPPORT, VIEW], user.id)
    assert (line.reason, line.address) == ("Joins the help desk", "192.0.2.9")


def test_everything_means_all_but_handing_out_rights(people):
    user = grant(people, people.client(), None)
    assert all(user.can(permission) for permission in GRANTABLE)
    assert not user.can(Permission.MANAGE_STAFF)


def test_nothing_means_nothing(people):
    assert not any(grant(people, people.client(), []).can(permission) for permission in GRANTABLE)


def test_a_change_ends_the_sessions_of_the_person_at_once(people, as_user):
    user = grant(people, people.client(), [USERS])
    browser = as_user(user)
    assert browser.get("/api/auth/admin/users/").status_code == 200
    grant(people, user, [SUPPORT])
    assert browser.get("/api/auth/admin/users/").status_code == 401
    assert Session.find_one({"user": user.id}) is None


def test_withdrawn_it_is_a_client_again(people):
    user = grant(people, people.client(), None)
    sessions.open_session(user=user, device=Device())
    back = staff.withdraw(actor=people.admin(), user_id=user.id, address="")
    assert (back.is_staff, back.staff_permissions, back.is_console_staff) == (False, None, False)
    assert Session.find_one({"user": user.id}) is None
    assert StaffAction.find_one({"name": "staff.withdraw"}).before["permissions"] == "all"


def test_only_an_admin_hands_out_rights(people):
    deputy = grant(people, people.client(), None)
    for refused in (lambda: grant(people, people.client(), None, actor=deputy),
                    lambda: grant(people, deputy, None, actor=deputy),
                    lambda: staff.withdraw(actor=deputy, user_id=people.admin().id, address="")):
        with pytest.raises(Forbidden):
            refused()


@pytest.mark.parametrize("granted", ["manage_staff", "recharge", "root", ""])
def test_what_cannot_be_granted(people, granted):
    with pytest.raises(Invalid):
        grant(people, people.client(), [granted])


@pytest.mark.parametrize("role", [UserType.ADMIN, UserType.DISTRIBUTOR, UserType.RETAILER])
def test_who_cannot_be_staff(people, role):
    with pytest.raises(Conflict):
        grant(people, people.make(role), [VIEW])


def test_nobody_who_is_gone_becomes_staff(people):
    with pytest.raises(NotFound):
        grant(people, people.client(is_active=False), [VIEW])
    with pytest.raises(NotFound):
        staff.withdraw(actor=people.admin(), user_id=people.client().id, address="")


def test_the_last_admin_stays(people):
    admin = people.admin()
    with pytest.raises(LastAdmin):
        staff.withdraw(actor=admin, user_id=admin.id, address="")
    assert StaffAction.find_one({}) is None
    assert staff.withdraw(actor=people.admin(), user_id=admin.id, address="").role is UserType.CLIENT


def test_of_two_admins_who_withdraw_each_other_one_stays(people):
    one, other = people.admin(), people.admin()
    outcomes = together(2, lambda number: staff.withdraw(actor=(one, other)[number], address="",
                                                         user_id=(other, one)[number].id))
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert User.collection().count_documents({"user_type": UserType.ADMIN.value}) == 1


@pytest.mark.parametrize("above", ["admin", "colleague"])
def test_who_may_manage_users_cannot_take_over_staff_or_make_admins(people, above):
    deputy = grant(people, people.client(), [USERS])
    victim = people.admin() if above == "admin" else grant(people, people.client(), None)
    for refused in (
            lambda: admin_users.reset_password(manager=deputy, user_id=victim.id, new_password="Right-horse-9"),
            lambda: admin_users.update(manager=deputy, user_id=victim.id, fields={"email": "mine@shop.example"}),
            lambda: admin_users.delete(manager=deputy, user_id=victim.id),
            lambda: admin_users.update(manager=deputy, user_id=people.client().id, fields={"user_type": 1})):
        with pytest.raises(Forbidden):
            refused()
    assert User.get(victim.id).email == victim.email


def test_another_role_takes_the_grants_along(people):
    user = grant(people, people.client(), [VIEW])
    changed = admin_users.update(manager=people.admin(), user_id=user.id, fields={"user_type": UserType.RETAILER.value})
    assert (changed.is_staff, changed.staff_permissions) == (False, None)


def test_the_list_names_admins_and_staff(people):
    admin, client, deputy = people.admin(), people.client(), grant(people, people.client(), [VIEW])
    listed = [user.id for user in staff.everybody()]
    assert admin.id in listed
    assert deputy.id in listed
    assert client.id not in listed

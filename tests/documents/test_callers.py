"""The caller of a request says of itself what its document would say."""
from datetime import UTC, datetime, timedelta

import pytest

from documents.permissions import Permission
from documents.sessions import Check
from documents.users import Caller, User

FACTS = ("id", "user_type", "parent", "is_staff", "staff_permissions", "email", "first_name", "last_name",
         "full_name", "role", "is_console_staff")


@pytest.fixture(params=["admin", "distributor", "retailer", "client", "clerk"])
def somebody(request, people) -> User:
    if request.param == "clerk":
        return people.client(is_staff=True, staff_permissions=[Permission.MANAGE_SUPPORT.value])
    if request.param == "retailer":
        return people.retailer(parent=people.distributor(), first_name="Ann", last_name="Lee")
    return getattr(people, request.param)()


def test_a_caller_and_its_document_agree(somebody):
    row = User.collection().find_one({"_id": somebody.id})
    caller, user = Caller(row), User.load(row)
    for name in FACTS:
        assert getattr(caller, name) == getattr(user, name), name
    assert [verb for verb in Permission if caller.can(verb)] == [verb for verb in Permission if user.can(verb)]
    assert caller.tree() == user.tree()


def test_a_caller_knows_the_rest_of_its_account_too(people):
    somebody = people.client(phone="+919876543210")
    caller = Caller(User.collection().find_one({"_id": somebody.id}))
    assert caller.phone == "+919876543210"
    assert caller.login_name == somebody.login_name
    with pytest.raises(AttributeError):
        _ = caller.shoe_size


def test_a_row_of_an_older_version_has_no_rights_that_it_does_not_name(people):
    row = User.collection().find_one({"_id": people.client().id})
    old = Caller({name: value for name, value in row.items() if name not in ("is_staff", "staff_permissions")})
    assert (old.is_staff, old.staff_permissions, old.can(Permission.MANAGE_USERS)) == (False, None, False)


@pytest.mark.parametrize(("found", "good"), [
    ([{"_id": 7}, {"_id": "s"}], True),
    ([{"_id": 7}, {"_id": "t"}], False),
    ([{"_id": 8}, {"_id": "s"}], False),
    ([{"_id": "s"}, {"_id": 7}], False),
    ([{"_id": 7}], False),
    ([{"_id": "s"}], False),
    ([], False),
], ids=str)
def test_a_check_takes_its_own_two_rows_and_no_others(found, good):
    now = datetime.now(UTC)
    rows = [{"_id": 1}, *({**row, "user": 7, "is_active": True, "expires_at": now + timedelta(1)} for row in found)]
    check, before = Check(sid="s", user_id=7, now=now), list(rows)
    check.take(rows)
    assert (check.row is not None, rows) == (good, [{"_id": 1}] if good else before)

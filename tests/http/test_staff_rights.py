"""What staff may do through the API follows what they were given."""
from documents.permissions import Permission


def test_a_member_of_staff_with_one_verb_gets_no_further(as_user, people):
    clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_SUPPORT.value])
    assert as_user(clerk).get("/api/admin/rewards/").status_code == 403
    everything = people.client(is_staff=True)
    assert as_user(everything).get("/api/admin/rewards/").status_code == 200


def test_nothing_given_is_nothing(as_user, people):
    new = people.client(is_staff=True, staff_permissions=[])
    assert as_user(new).get("/api/admin/rewards/").status_code == 403

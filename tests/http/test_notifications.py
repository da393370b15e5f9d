"""Notices over HTTP: own ones only, in both old clients' shapes."""
import pytest

from documents.notifications import Notification
from services import notifications

LIST = "/api/notifications/list/"
SETTINGS = "/api/notifications/notification-settings/"


@pytest.fixture
def tell():
    def record(user, number=1, kind="RECHARGE", **fields):
        return notifications.record_once(f"{user.id}-{number}", user=user.id, kind=kind, title=f"Notice {number}",
                                         message="Something happened", **fields)
    return record


def ids(reply):
    return [row["id"] for row in reply.json]


def test_a_notice_has_the_keys_of_both_clients(people, as_user, tell):
    user = people.client()
    notice = tell(user, related_id=812)
    row, = as_user(user).get(LIST).json
    assert row["created_at"].endswith("Z")
    assert row == {
        "id": notice.id, "title": "Notice 1", "message": "Something happened", "notification_type": "RECHARGE",
        "type": "SYSTEM", "status": "SENT", "created_at": row["created_at"], "delivered_at": None, "read_at": None,
        "is_read": False, "is_archived": False, "related_id": 812, "user": user.id}


def test_the_list_is_newest_first_and_also_a_page(people, as_user, tell):
    user = people.client()
    told = [tell(user, number).id for number in range(3)]
    client = as_user(user)
    assert ids(client.get(LIST)) == told[::-1]
    assert ids(client.get("/api/notifications/listnotifications")) == told[::-1]
    page = client.get(LIST + "?page=2&page_size=2").json
    assert (page["count"], [row["id"] for row in page["results"]]) == (3, [told[0]])


def test_reading_is_kept_and_counted(people, as_user, tell):
    user = people.client()
    first, second = tell(user, 1), tell(user, 2)
    client = as_user(user)
    assert client.get("/api/notifications/unread-count/").json == {"unread_count": 2}
    for _ in range(2):
        assert client.post(f"/api/notifications/read/{first.id}/").json["message"] == "Notification marked as read"
    read_at = Notification.get(first.id).read_at
    assert client.post("/api/notifications/read-all/").status_code == 200
    assert client.get("/api/notifications/unread-count/").json == {"unread_count": 0}
    assert Notification.get(first.id).read_at == read_at
    row = client.get(LIST).json[0]
    assert (row["id"], row["status"], row["is_read"]) == (second.id, "READ", True)


def test_archiving_restoring_deleting(people, as_user, tell):
    user = people.client()
    kept, gone = tell(user, 1), tell(user, 2)
    client = as_user(user)
    assert client.post("/api/notifications/archive/", json={"ids": [gone.id]}).status_code == 200
    assert (ids(client.get(LIST)), ids(client.get("/api/notifications/archived/"))) == ([kept.id], [gone.id])
    assert client.get("/api/notifications/unread-count/").json == {"unread_count": 2}
    assert client.post("/api/notifications/restore/", json={"ids": [gone.id]}).status_code == 200
    assert len(ids(client.get(LIST))) == 2
    assert client.post("/api/notifications/archive/").json["message"] == "Notifications archived"
    deleted = client.post("/api/notifications/delete-bulk/", json={"ids": [gone.id, gone.id + 1_000]})
    assert deleted.json["message"] == "1 notifications deleted"
    assert ids(client.get(LIST)) == [kept.id]


def test_other_peoples_notices_are_out_of_reach(people, as_user, tell):
    owner, outsider = people.client(), people.client()
    notice = tell(owner)
    client = as_user(outsider)
    assert client.get(LIST).json == []
    assert client.post(f"/api/notifications/read/{notice.id}/").status_code == 404
    for action in ("archive", "delete-bulk"):
        assert client.post(f"/api/notifications/{action}/", json={"ids": [notice.id]}).status_code == 200
    client.post("/api/notifications/read-all/")
    left = Notification.get(notice.id)
    assert (left.is_archived, left.read_at) == (False, None)


@pytest.mark.parametrize("body", [{"ids": ["x"]}, {"ids": [True]}, {"ids": [{"$gt": 0}]}, {"ids": 5}])
def test_ids_that_are_none_are_refused(people, as_user, body):
    reply = as_user(people.client()).post("/api/notifications/archive/", json=body)
    assert reply.status_code == 400
    assert "ids" in reply.json["errors"]


def test_deleting_nothing_is_refused(people, as_user):
    reply = as_user(people.client()).post("/api/notifications/delete-bulk/", json={"ids": []})
    assert (reply.status_code, reply.json["message"]) == (400, "No notifications selected")


def test_settings_are_the_staffs(people, as_user):
    assert as_user(people.retailer()).get(SETTINGS).status_code == 403
    staff = as_user(people.client(is_staff=True))
    before = staff.get(SETTINGS).json
    assert before == {
        "id": 1, "in_app": True, "email": False, "sms": False, "recharge_success": True, "recharge_failed": True,
        "new_user_registered": True, "low_balance": True, "maintenance_scheduled": False, "updated_at": None}
    changed = staff.put(SETTINGS, json={"email": True, "id": 7, "unknown": 1}).json
    assert changed["message"] == "Settings updated"
    assert changed["data"] == before | {"email": True, "updated_at": changed["data"]["updated_at"]}
    assert staff.get(SETTINGS).json == changed["data"]
    refused = staff.put(SETTINGS, json={"email": "maybe"})
    assert (refused.status_code, refused.json["email"]) == (400, ["Must be a valid boolean."])


@pytest.mark.parametrize(("method", "path"), [
    ("get", LIST), ("get", SETTINGS), ("put", SETTINGS), ("get", "/api/notifications/archived/"),
    ("get", "/api/notifications/unread-count/"), ("post", "/api/notifications/read/1/"),
    ("post", "/api/notifications/read-all/"), ("post", "/api/notifications/archive/"),
    ("post", "/api/notifications/restore/"), ("post", "/api/notifications/delete-bulk/")])
def test_nothing_without_a_token(client, method, path):
    assert getattr(client, method)(path, json={"ids": "nonsense"} if method != "get" else None).status_code == 401

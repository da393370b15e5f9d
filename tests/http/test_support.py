"""Support tickets over HTTP: three people, and what the owner hears."""
import pytest

from documents.events import Event
from documents.notifications import Notification
from documents.tickets import Ticket
from services.dispatch import dispatch_pending
from tests.catalogue import buy, plan
from tests.parallel import together

TICKETS = "/api/support/tickets/"


@pytest.fixture
def opened(people, as_user):
    """A client who has opened a ticket: `(owner, ticket id)`."""
    owner = people.client(first_name="Anna")
    reply = as_user(owner).post(TICKETS, json={"issue_type": "PAYMENT_ISSUE", "description": "Paid twice"})
    return owner, reply.json["ticket"]["id"]


def test_opening_answers_with_the_ticket_beside_the_old_keys(people, as_user):
    owner = people.client()
    reply = as_user(owner).post("/api/support/supportcreate/", json={
        "issue_type": "OTHER", "description": " Help ", "status": "CLOSED", "user": 1, "assigned_to": 1})
    assert reply.status_code == 201
    body = reply.json
    assert (body["issue_type"], body["description"], body["id"]) == ("OTHER", "Help", body["ticket"]["id"])
    assert body["ticket"] == {
        "id": body["id"], "issue_type": "OTHER", "description": "Help", "status": "OPEN", "resolution_notes": None,
        "user": owner.id, "transaction": None, "assigned_to": None,
        "created_at": body["ticket"]["created_at"], "updated_at": body["ticket"]["created_at"]}


@pytest.mark.parametrize(("body", "field"), [
    ({"description": "x"}, "issue_type"), ({"issue_type": "NOPE", "description": "x"}, "issue_type"),
    ({"issue_type": "OTHER"}, "description"), ({"issue_type": "OTHER", "description": "  "}, "description"),
    ({"issue_type": "OTHER", "description": "x\x00y"}, "description"),
    ({"issue_type": "OTHER", "description": {"$ne": ""}}, "description"),
    ({"issue_type": "OTHER", "description": "x" * 5_001}, "description"),
    ({"issue_type": "OTHER", "description": "x", "transaction": "abc"}, "transaction"),
    ({"issue_type": "OTHER", "description": "x", "transaction": 424_242}, "transaction")])
def test_what_cannot_be_opened(people, as_user, body, field):
    reply = as_user(people.client()).post(TICKETS, json=body)
    assert reply.status_code == 400
    assert field in reply.json["errors"]
    assert Ticket.find_one({}) is None


def test_everybody_lists_the_own_ones_and_staff_all(people, as_user, opened):
    owner, ticket_id = opened
    outsider = people.retailer()
    as_user(outsider).post(TICKETS, json={"issue_type": "OTHER", "description": "Hello"})
    assert [row["id"] for row in as_user(owner).get("/api/support/supportlist/").json] == [ticket_id]
    assert [row["user"] for row in as_user(outsider).get(TICKETS + f"?user={owner.id}").json] == []
    staff = as_user(people.admin())
    assert len(staff.get(TICKETS).json) == 2
    assert [row["user"] for row in staff.get(TICKETS + f"?user={owner.id}").json] == [owner.id]
    assert [row["user"] for row in staff.get(TICKETS + "?issue_type=OTHER&status=OPEN").json] == [outsider.id]
    assert staff.get(TICKETS + "?status=CLOSED").json == []
    assert staff.get(TICKETS + "?status=NOPE").status_code == 400
    assert as_user(outsider).get(f"{TICKETS}{ticket_id}/").status_code == 404
    assert as_user(owner).get(f"{TICKETS}{ticket_id}/").json["description"] == "Paid twice"
    assert staff.get(f"{TICKETS}{ticket_id}/").json["id"] == ticket_id


def test_an_answer_reaches_the_owner_once_and_only_if_it_changes_something(people, as_user, opened):
    owner, ticket_id = opened
    admin = people.admin()
    staff = as_user(admin)
    answer = {"status": "RESOLVED", "resolution_notes": "Refunded"}
    for _ in range(2):
        reply = staff.patch(f"/api/support/supportupdate/{ticket_id}/status/", json=answer)
        assert reply.status_code == 200
        assert {name: reply.json[name] for name in answer} == answer
    assert reply.json["ticket"]["assigned_to"] == admin.id
    assert staff.put(f"{TICKETS}{ticket_id}/status/", json={}).status_code == 200
    dispatch_pending(limit=10)
    notice, = Notification.find({"user": owner.id})
    assert notice.title == f"Support Ticket #{ticket_id} Update"
    assert notice.message == ("Hi Anna,\n\nYour support ticket has been updated.\nIssue: Payment issue\n"
                              "Status: Resolved\nAnswer: Refunded")
    assert (notice.kind, notice.related_id) == ("SUPPORT", ticket_id)


def test_notes_may_be_taken_back(people, as_user, opened):
    _, ticket_id = opened
    staff = as_user(people.admin())
    path = f"{TICKETS}{ticket_id}/status/"
    staff.put(path, json={"resolution_notes": "Wrong ticket"})
    assert staff.put(path, json={"resolution_notes": None}).json["resolution_notes"] is None
    assert staff.put(path, json={"status": "NOPE"}).status_code == 400
    assert staff.put(f"{TICKETS}424242/status/", json={"status": "CLOSED"}).status_code == 404


def test_only_staff_answer(people, as_user, opened, client):
    owner, ticket_id = opened
    path = f"{TICKETS}{ticket_id}/status/"
    for person in (owner, people.retailer(), people.distributor()):
        assert as_user(person).put(path, json={"status": "CLOSED"}).status_code == 403
    assert client.put(path, json={"status": "CLOSED"}).status_code == 401
    assert Ticket.get(ticket_id).status == "OPEN"


def test_the_same_answer_from_many_sides_is_one_change(people, as_user, opened):
    _, ticket_id = opened
    clients = [as_user(people.admin()) for _ in range(6)]
    path, body = f"{TICKETS}{ticket_id}/status/", {"status": "CLOSED"}
    replies = together(6, lambda number: clients[number].put(path, json=body))
    assert {reply.status_code for reply in replies} == {200}
    assert Event.collection().count_documents({"type": "ticket.updated"}) == 1


def test_a_ticket_may_name_an_own_recharge_and_no_other(people, as_user, fund):
    owner, outsider = people.retailer(), people.retailer()
    fund(owner, "500.00")
    bought = buy(owner, plan())
    body = {"issue_type": "RECHARGE_FAILURE", "description": "Never arrived", "transaction": bought.id}
    assert as_user(owner).post(TICKETS, json=body).json["ticket"]["transaction"] == bought.id
    refused = as_user(outsider).post(TICKETS, json=body)
    assert (refused.status_code, refused.json["transaction"]) == (400, ["This is not one of your recharges."])


def test_a_real_recharge_is_told_to_the_buyer(people, fund):
    retailer = people.retailer()
    buy(retailer, plan("10.00"))
    fund(retailer, "500.00")
    bought = buy(retailer, plan("20.00", identifier="AIR_20"))
    dispatch_pending(limit=20)
    failed, succeeded = Notification.find({"user": retailer.id, "kind": "RECHARGE"}, sort=[("_id", 1)])
    assert "due to insufficient funds" in failed.message
    assert (succeeded.title, succeeded.related_id) == ("Recharge Successful for AIR_20 plan", bought.id)

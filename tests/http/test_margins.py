"""Margins: who gives whom how much, and who sees it."""
import pytest

from documents.events import Event
from documents.margins import Margin
from services import margins
from tests.parallel import together

URL = "/api/wallet/set-margin/"


@pytest.fixture
def tree(people):
    """An admin, a distributor with a retailer, and another distributor with another retailer."""
    first, second = people.distributor(), people.distributor()
    return people.admin(), first, people.retailer(parent=first), second, people.retailer(parent=second)


def give(client, user, percentage: object):
    return client.post(URL, json={"user_email": user.email, "margin_percentage": percentage})


def test_an_admin_sets_and_changes_one_row(as_user, tree):
    admin, distributor, *_ = tree
    first = give(as_user(admin), distributor, "5.50")
    assert (first.status_code, first.json["message"]) == (200, "User margin set successfully")
    assert first.json["margin"] | {"created_at": "", "updated_at": ""} == {
        "id": distributor.id, "user_email": distributor.email, "user_type": "2", "margin_percentage": "5.50",
        "admin_email": admin.email, "created_at": "", "updated_at": ""}
    second = give(as_user(admin), distributor, 7)
    assert second.json["margin"]["id"] == first.json["margin"]["id"]
    assert second.json["margin"]["margin_percentage"] == "7.00"
    assert Margin.collection().count_documents({}) == 1
    assert Event.collection().count_documents({"type": "margin.set"}) == 2


def test_a_distributor_gives_its_own_retailers_up_to_its_own(as_user, tree):
    admin, distributor, retailer, other, foreign = tree
    client = as_user(distributor)
    assert "your own margin" in give(client, retailer, "0.01").json["margin_percentage"][0]
    give(as_user(admin), distributor, "5.50")
    assert give(client, retailer, "5.50").status_code == 200
    assert give(client, retailer, "5.51").json["errors"] == {
        "margin_percentage": ["Ensure this value is less than or equal to 5.50: your own margin."]}
    for stranger in (foreign, other, distributor, admin):
        assert give(client, stranger, "1").json["errors"] == {"user_email": ["User with this email does not exist."]}
    assert Margin.get(retailer.id).set_by == distributor.id


@pytest.mark.parametrize("percentage", ["100.01", "-1", "1.001", "x", None, True, {"$gt": 0}, "1e1", "", "NaN"])
def test_bad_percentages(as_user, tree, percentage):
    answer = give(as_user(tree[0]), tree[1], percentage)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["margin_percentage"])
    assert Margin.collection().count_documents({}) == 0


def test_only_businesses_have_margins(as_user, people, tree):
    client = as_user(tree[0])
    assert give(client, people.client(), "1").json["errors"] == {
        "user_email": ["Margin can only be set for distributors and retailers."]}
    assert client.post(URL, json={"user_email": "nobody@shop.example", "margin_percentage": "1"}).status_code == 400
    assert give(as_user(tree[2]), tree[2], "1").status_code == 403


def test_who_sees_which(as_user, client, people, tree):
    admin, distributor, retailer, other, foreign = tree
    for user in tree[1:]:
        give(as_user(admin), user, "1.00")

    def seen(user) -> list[str]:
        return [row["user_email"] for row in as_user(user).get("/api/wallet/margins/").json]

    everybody = [user.email for user in sorted(tree[1:], key=lambda user: user.id)]
    assert seen(admin) == seen(people.admin()) == everybody
    assert seen(distributor) == [distributor.email, retailer.email]
    assert seen(retailer) == [retailer.email]
    assert seen(people.client()) == []
    assert client.get("/api/wallet/margins/").status_code == 401


def test_first_margins_set_at_once_are_one_row(app, tree):

    admin, distributor, *_ = tree
    results = together(10, lambda n: margins.set_margin(actor=admin, user_email=distributor.email, basis_points=n))
    assert all(isinstance(result, dict) for result in results)
    assert Margin.collection().count_documents({}) == 1

"""Users are found by what they log in with, without looking at everybody."""
import pytest

from documents.users import ANY_CASE, User


@pytest.mark.parametrize(("match", "options", "index"), [
    ({"email": "a@shop.example"}, {}, "email_1"), ({"phone": "+919812345678"}, {}, "phone_1"),
    ({"username": "anna"}, {"collation": ANY_CASE}, "username_1")])
def test_every_login_name_has_its_index(app, match, options, index):
    plan = User.collection().find(match, **options).explain()["queryPlanner"]["winningPlan"]
    assert plan["inputStage"]["indexName"] == index


@pytest.mark.parametrize("match", [
    {"$and": [{"deleted_at": None}, {"user_type": {"$in": [2, 3]}}]},
    {"$and": [{"parent": 7, "user_type": 3, "deleted_at": None}, {"user_type": {"$in": [2, 3]}}]}])
def test_lists_of_people_are_read_in_order_not_sorted(app, match):
    found = User.collection().find(match, sort=[("date_joined", -1), ("_id", -1)], limit=20)
    stages = str(found.explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in stages
    assert "'SORT'" not in stages
    assert "COLLSCAN" not in stages

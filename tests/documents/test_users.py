"""Users are found by what they log in with, without looking at everybody."""
import pytest

from documents.users import ANY_CASE, User


@pytest.mark.parametrize(("match", "options", "index"), [
    ({"email": "a@shop.example"}, {}, "email_1"), ({"phone": "+919812345678"}, {}, "phone_1"),
    ({"username": "anna"}, {"collation": ANY_CASE}, "username_1")])
def test_every_login_name_has_its_index(app, match, options, index):
    plan = User.collection().find(match, **options).explain()["queryPlanner"]["winningPlan"]
    assert plan["inputStage"]["indexName"] == index

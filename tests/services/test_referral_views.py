"""The Mongo shell asks the same questions and gets the same answers."""
import pytest

from config.connections import database
from services import referral_figures, rewards
from tests.referring import refer, rewards_of, terms, work_off_events


@pytest.fixture
def admin(people):
    admin = people.admin()
    terms(admin)
    return admin


@pytest.mark.parametrize(("period", "metric"), [("week", "count"), ("month", "cash"), ("all", "count")])
def test_the_board_view_is_the_api_board(people, admin, period, metric):
    owners = [people.client() for _ in range(3)]
    for number, owner in enumerate(owners):
        for _ in range(number + 1):
            refer(owner, people.client())
        rewards.credit(reward_id=rewards_of(owner)[0].id, actor=admin)
    work_off_events()
    asked = {"metric": "count"} if metric == "count" else {"metric": "value"}
    shown = referral_figures.leaderboard(caller=None, period=period, **asked)["results"]
    rows = list(database()["ops_leaderboard"].find({"span": period, metric: {"$gt": 0}}).sort(
        [(metric, -1), (f"{metric}_at", 1), ("user", 1)]).limit(10))
    assert [(row["user"], row[metric]) for row in rows] == [
        (row["user_id"], row[asked["metric"]]) for row in shown]
    assert {row["name"] for row in rows} == {owner.full_name for owner in owners}


def test_the_tree_view_shows_everybody_below(people, admin):
    top, middle, low, other = (people.client() for _ in range(4))
    refer(top, middle)
    refer(middle, low)
    refer(other, people.client())
    found = database()["ops_referral_tree"].find_one({"_id": top.id})
    assert [(row["user"], row["through"], row["depth"]) for row in found["people"]] == [
        (middle.id, top.id, 0), (low.id, middle.id, 1)]


def test_the_held_view_says_why(people, admin):
    owner = people.client()
    refer(owner, people.client())
    refer(owner, people.client(email="x@mailinator.com"))
    assert [(row["user"], row["held_for"]) for row in database()["ops_rewards_held"].find()] == [
        (owner.id, ["disposable_email"])]

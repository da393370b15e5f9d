"""Lists read who calls and their rows at once; whoever may not call learns and gets as little as before."""
import pytest
from flask import Flask
from pymongo.errors import AutoReconnect

from blueprints import guards
from documents.listing import Listing
from documents.permissions import Permission, UserType
from documents.sessions import Session
from documents.users import User
from services import sessions
from tests.queries import counted, written

PLANS, WALLETS, PAGE = "/api/plans/", "/api/wallet/wallets/", "/api/wallet/wallets/?page=1"


@pytest.fixture
def caller(people):
    """Somebody whose session a list has met before, and the client that sends its token."""
    user = people.client()
    client = people.client_of(user)
    assert client.get(WALLETS).status_code == 200
    return user, client


def by_hand(user: User, **fields) -> None:
    """What an operator does in the Mongo shell."""
    User.collection().update_one({"_id": user.id}, {"$set": fields})


@pytest.mark.parametrize("path", [PLANS, WALLETS, PAGE, "/api/purchases/history/?cursor="])
def test_a_list_is_one_round_trip_for_a_session_met_before(caller, path):
    _user, client = caller
    with counted() as commands:
        answer = client.get(path)
    assert (answer.status_code, commands) == (200, ["aggregate"])


def test_the_first_answer_and_the_next_are_the_same(people):
    client = people.client_of(people.retailer())
    assert client.get(PAGE).json == client.get(PAGE).json == client.get(PAGE).json
    assert client.get(PAGE).json["count"] == 1


def list_routes(app: Flask) -> list[str]:
    return [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments
            and getattr(app.view_functions[rule.endpoint], "takes_check", False)
            and getattr(app.view_functions[rule.endpoint], "_guarded", False)]


@pytest.mark.parametrize("end", [
    lambda user: Session.end_all(user.id),
    lambda user: by_hand(user, is_active=False),
    lambda user: Session.collection().update_many({}, {"$set": {"user": user.id + 1}}),
], ids=["session deleted", "deactivated by hand", "somebody else's session"])
def test_no_list_answers_a_session_that_is_over(app, people, end):
    admin = people.admin()
    client = people.client_of(admin)
    paths = list_routes(app)
    met = {path: client.get(path).status_code for path in paths}
    assert len(paths) > 30
    assert 200 in met.values()
    end(admin)
    told = {path: client.get(path).status_code for path in paths}
    assert told == dict.fromkeys(paths, 401)


def test_no_list_writes_for_its_view_may_run_twice(app, people):
    client = people.client_of(people.admin())
    for path in list_routes(app):
        client.get(path)
        with written() as collections:
            client.get(path)
        assert collections == set(), path


def test_a_session_that_expires_is_over(caller):
    user, client = caller
    Session.collection().update_many({"user": user.id}, [
        {"$set": {"expires_at": {"$subtract": ["$expires_at", 365 * 86_400_000]}}}])
    assert client.get(WALLETS).status_code == 401


def test_a_bad_argument_is_no_answer_for_a_session_that_is_over(caller):
    user, client = caller
    assert client.get(f"{PLANS}?page=x").status_code == 400
    sessions.end_all(user_id=user.id)
    assert client.get(f"{PLANS}?page=x").status_code == 401


def test_rights_changed_by_hand_count_at_once(people):
    shop, other = people.retailer(), people.retailer()
    client = people.client_of(shop)
    assert [row["user_email"] for row in client.get(WALLETS).json] == [shop.email]
    by_hand(shop, user_type=UserType.ADMIN.value)
    assert {row["user_email"] for row in client.get(WALLETS).json} >= {shop.email, other.email}
    by_hand(shop, user_type=UserType.RETAILER.value)
    assert [row["user_email"] for row in client.get(WALLETS).json] == [shop.email]


def test_a_permission_taken_by_hand_is_gone_at_once_and_given_back_counts(people):
    clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_REWARDS.value])
    client, path = people.client_of(clerk), "/api/admin/rewards/"
    assert [client.get(path).status_code for _ in range(2)] == [200, 200]
    by_hand(clerk, staff_permissions=[])
    assert [client.get(path).status_code for _ in range(2)] == [403, 403]
    by_hand(clerk, staff_permissions=[Permission.MANAGE_REWARDS.value])
    assert [client.get(path).status_code for _ in range(2)] == [200, 200]


def test_a_list_that_reads_in_its_own_way_asks_who_calls_first(people):
    client, path = people.client_of(people.client()), "/api/installments/?page=1"
    assert client.get(path).status_code == 200
    with counted() as commands:
        assert client.get(path).status_code == 200
    assert commands == ["aggregate", "aggregate", "aggregate"], "the caller, the rows, their count"


def test_a_page_too_deep_to_walk_to_is_empty_and_still_asks_who_calls(caller):
    user, client = caller
    assert client.get(f"{PLANS}?page=999999999").json["results"] == []
    sessions.end_all(user_id=user.id)
    assert client.get(f"{PLANS}?page=999999999").status_code == 401


def test_a_bug_is_met_again_by_who_may_ask_and_not_shown_to_who_may_not(caller, monkeypatch):
    user, client = caller
    monkeypatch.setattr(Listing, "page", lambda *_args, **_kwargs: 1 / 0)
    assert client.get(PAGE).status_code == 500
    sessions.end_all(user_id=user.id)
    assert client.get(PAGE).status_code == 401


def test_a_server_that_is_away_is_asked_once(caller, monkeypatch):
    _user, client = caller
    asked = []

    def away(*_args, **_kwargs):
        asked.append(1)
        raise AutoReconnect
    monkeypatch.setattr(Listing, "page", away)
    assert (client.get(PAGE).status_code, len(asked)) == (503, 1)


def test_what_a_list_asks_about_its_caller_besides_is_read_anew(people, monkeypatch):
    user = people.client(phone="+919876543210")
    client, searching, phones = people.client_of(user), Listing.searching, []
    monkeypatch.setattr(Listing, "searching",
                        lambda found, text: phones.append(guards.current_user.phone) or searching(found, text))
    for phone in ("+919876543210", "+919876543211"):
        by_hand(user, phone=phone)
        assert client.get(PAGE).status_code == 200
    assert phones == ["+919876543210", "+919876543211"]

"""No form of the console works without the token of its own session, and no look at a page changes anything."""
import pytest

from tests.console.routes import routes
from tests.consoling import console_of
from tests.queries import written

FORMS = ("POST", "PUT", "PATCH", "DELETE")


def test_there_are_forms_to_test(app):
    assert len(routes(app, *FORMS)) > 20


@pytest.mark.parametrize("sent", ["no token", "a wrong token", "an empty token", "the token of another session"])
def test_every_form_is_refused_with(app, people, console, sent):
    other = console_of(app, people.admin())
    other.get("/admin/")
    token = {"no token": {}, "a wrong token": {"csrf_token": "x" * 91}, "an empty token": {"csrf_token": ""},
             "the token of another session": {"csrf_token": other.token}}[sent]
    for route in routes(app, *FORMS):
        with written() as collections:
            answer = console.browser.open(route.path, method=route.method, data={"reason": "because", **token})
        assert answer.status_code == 400, f"{route} was {answer.status}"
        assert "not one of this session" in answer.text, route
        assert not collections, f"{route} wrote to {collections}"


def test_scripts_need_the_token_too(app, console):
    for route in routes(app, *FORMS):
        answer = console.browser.open(route.path, method=route.method, json={}, headers={"X-CSRFToken": "wrong"})
        assert answer.status_code == 400, f"{route} was {answer.status}"


def test_the_token_is_looked_at_and_not_only_demanded(console):
    """So that the refusals above are not those of a console that refuses everything."""
    assert console.post("/admin/jobs/verify/").status_code == 302


def test_an_old_token_ends_with_its_session(app, people):
    user = people.admin()
    console = console_of(app, user)
    console.get("/admin/")
    old = console.token
    console.post("/admin/logout/")
    console.token = ""
    console.sign_in(user)
    assert console.browser.post("/admin/jobs/verify/", data={"csrf_token": old}).status_code == 400


def test_the_login_and_the_logout_need_a_token_as_well(app, people):
    client = app.test_client()
    assert client.post("/admin/login/", data={"login": "x", "password": "y"}).status_code == 400
    console = console_of(app, people.admin())
    assert console.browser.post("/admin/logout/").status_code == 400
    assert console.get("/admin/").status_code == 200


def test_looking_changes_nothing(app, console):
    for route in routes(app, "GET"):
        with written() as collections:
            answer = console.get(route.path)
        assert answer.status_code < 500, f"{route} was {answer.status}"
        # Only the moment until which the session lives.
        assert collections <= {"sessions"}, f"{route} wrote to {collections}"


def test_pages_of_other_sites_are_not_told_that_they_may(app, console):
    answer = console.get("/admin/", headers={"Origin": "http://localhost:3000"})
    assert "Access-Control-Allow-Origin" not in answer.headers

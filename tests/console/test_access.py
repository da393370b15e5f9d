"""Who may see what at the console: asked of every route there is."""
import pytest

from documents.ids import new_uuid
from documents.permissions import GRANTABLE, Permission, UserType
from documents.sessions import Session
from services import staff
from tests.console.routes import pages, routes
from tests.consoling import PASSWORD, Console, console_of, with_password
from tests.queries import written

FORMS = ("POST", "PUT", "PATCH", "DELETE")
DECIDE_BY_THEMSELVES = {
    "admin": "everybody lands at Home, which shows figures to holders of view_reports only",
    "actions": "each action names its permission, which the service asks for",
    "approvals": "for whoever may do at least one of the actions that others have to approve",
}
ANYBODY = {"login.leave", "admin.index", "actions.index"}
"""Signing out, the landing page, and one that only leads to another."""


def member(people, permissions):
    """A member of staff who may do this much (None: everything that staff can)."""
    user = people.client()
    staff.set_permissions(actor=people.admin(), user_id=user.id, permissions=permissions, address="")
    return user


def send(console, route):
    if route.method == "GET":
        return console.get(route.path)
    return console.post(route.path, reason="because", key=new_uuid())


def test_nobody_sees_a_page_without_signing_in(app, client):
    for route in routes(app, "GET"):
        with written() as collections:
            answer = client.get(route.path)
        assert answer.status_code == 302, f"{route} was {answer.status}"
        assert answer.location.partition("?")[0] == "/admin/login/", route
        assert not collections, f"{route} wrote to {collections}"


def test_nobody_sends_a_form_without_signing_in(app):
    console = Console(app)
    for route in routes(app, *FORMS):
        console.get("/admin/login/")
        with written() as collections:
            without, with_token = console.browser.open(route.path, method=route.method), console.post(route.path)
        assert without.status_code == 400, f"{route} was {without.status}"
        assert (with_token.status_code, with_token.location) == (302, "/admin/login/"), route
        assert not collections, f"{route} wrote to {collections}"


def test_scripts_are_told_that_the_session_has_ended(client):
    answer = client.get("/admin/jobs/verification/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["detail"]) == (401, "You have been signed out.")


@pytest.mark.parametrize("role", [UserType.DISTRIBUTOR, UserType.RETAILER, UserType.CLIENT])
def test_who_is_no_staff_cannot_sign_in_and_hears_what_a_stranger_hears(app, people, role):
    user = with_password(people.make(role))
    console, stranger = Console(app), Console(app)
    refused = console.sign_in(user)
    unknown = stranger.post("/admin/login/", login="nobody@shop.example", password=PASSWORD)
    assert (refused.status_code, unknown.status_code) == (400, 400)
    assert refused.text.count("Invalid") == unknown.text.count("Invalid") == 1
    assert Session.find_one({"user": user.id}) is None
    assert console.get("/admin/").status_code == 302


def test_every_page_names_its_permission_and_keeps_to_it(app):
    for view in pages(app):
        assert view.permission in Permission, view.endpoint
        kept = type(view).is_accessible.__qualname__ == "Guarded.is_accessible"
        assert kept or view.endpoint in DECIDE_BY_THEMSELVES, f"{view.endpoint} decides by itself"


@pytest.mark.parametrize("lacking", [*GRANTABLE, Permission.MANAGE_STAFF])
def test_without_a_permission_its_pages_are_refused_and_not_in_the_menu(app, people, lacking):
    guarded = {view.endpoint: view for view in pages(app)
               if view.permission is lacking and view.endpoint not in DECIDE_BY_THEMSELVES}
    if not guarded:
        return
    console = console_of(app, member(people, [held for held in GRANTABLE if held is not lacking]))
    menu = console.get("/admin/").text.partition('<ul class="menu">')[2].partition("</nav>")[0]
    for view in guarded.values():
        assert f'href="/admin{view.url}/"' not in menu, view.endpoint
    for route in routes(app, "GET", *FORMS):
        if route.view in guarded:
            with written() as collections:
                answer = send(console, route)
            assert answer.status_code == 403, f"{route} was {answer.status}"
            assert collections <= {"sessions"}, f"{route} wrote to {collections}"


def test_with_it_they_are_shown(app, people):
    menu = console_of(app, people.admin()).get("/admin/").text
    shown = [view for view in pages(app) if type(view).is_visible.__qualname__ == "BaseView.is_visible"]
    assert len(shown) > 4
    for view in shown:
        assert f'href="/admin{(view.url or "").rstrip("/")}/"' in menu, view.endpoint


def test_staff_who_may_do_nothing_land_at_home_and_get_no_further(app, people):
    console = console_of(app, member(people, []))
    assert console.get("/admin/").status_code == 200
    for route in routes(app, "GET", *FORMS):
        if route.endpoint not in ANYBODY:
            with written() as collections:
                answer = send(console, route)
            assert answer.status_code in (403, 404), f"{route} was {answer.status}"
            assert collections <= {"sessions"}, f"{route} wrote to {collections}"


def test_staff_who_may_do_everything_still_hand_out_no_rights(app, people):
    console = console_of(app, member(people, None))
    assert console.get("/admin/jobs/").status_code == 200
    assert console.get("/admin/staff/").status_code == 403

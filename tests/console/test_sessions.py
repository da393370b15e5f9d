"""How a console session begins and ends, what its cookie is good for, and what no other token is good for."""
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import jwt
import pytest

from blueprints.console import site
from config import settings as settings_in_use
from documents import clock
from documents.permissions import UserType
from documents.sessions import Session
from services import admin_users, credentials, sessions, staff
from services.sessions import CONSOLE_IDLE, CONSOLE_LONGEST, Device
from tests.console.routes import console_app
from tests.consoling import PASSWORD, Console, console_of, with_password

MINUTE = timedelta(minutes=1)
COOKIE = "purser_console"
HOST = "http://localhost"


@pytest.fixture
def user(people):
    people.admin()      # so that the other one may go
    return people.admin()


@pytest.fixture
def console(app, user):
    return console_of(app, user)


def signed_in(console):
    answer = console.get("/admin/jobs/")
    assert answer.status_code in (200, 302), answer.status
    return answer.status_code == 200


def session_of(user):
    return Session.find_one({"user": user.id, "console": True})


def test_half_an_hour_without_a_click_ends_it(console, move_clock):
    move_clock(CONSOLE_IDLE - MINUTE)
    assert signed_in(console)
    move_clock(CONSOLE_IDLE - MINUTE + CONSOLE_IDLE - MINUTE)
    assert signed_in(console)
    move_clock(CONSOLE_IDLE - MINUTE + CONSOLE_IDLE - MINUTE + CONSOLE_IDLE + MINUTE)
    assert not signed_in(console)


def test_what_a_page_asks_for_by_itself_is_no_click(console, move_clock):
    for minutes in range(5, 30, 5):
        move_clock(timedelta(minutes=minutes))
        assert console.get("/admin/jobs/verification/").status_code == 200
        assert console.get("/admin/figures/").status_code == 200
    move_clock(CONSOLE_IDLE + MINUTE)
    assert not signed_in(console)


def test_twelve_hours_are_the_longest_however_busy(console, move_clock):
    step, passed = timedelta(minutes=29), timedelta(0)
    while passed + step < CONSOLE_LONGEST:
        passed += step
        move_clock(passed)
        assert signed_in(console)
    move_clock(CONSOLE_LONGEST + MINUTE)
    assert not signed_in(console)


ENDINGS = {
    "deactivation": lambda admin, user: admin_users.update(manager=admin, user_id=user.id, fields={"is_active": False}),
    "demotion": lambda admin, user: admin_users.update(manager=admin, user_id=user.id,
                                                       fields={"user_type": UserType.RETAILER.value}),
    "deletion": lambda admin, user: admin_users.delete(manager=admin, user_id=user.id),
    "withdrawal": lambda admin, user: staff.withdraw(actor=admin, user_id=user.id, address=""),
    "a new password from an admin": lambda admin, user: admin_users.reset_password(
        manager=admin, user_id=user.id, new_password="Other-horse-7"),
    "a new password of one's own": lambda admin, user: credentials.change(
        user=user, old_password=PASSWORD, new_password="Other-horse-7", device=Device()),
    "revocation": lambda admin, user: sessions.end(sid=session_of(user).id, user_id=user.id),
    "revocation of all": lambda admin, user: sessions.end_all(user_id=user.id),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_ends_at_once_by(console, people, user, ending):
    assert signed_in(console)
    ENDINGS[ending](people.admin(), type(user).get(user.id))
    assert not signed_in(console)


def test_a_change_of_rights_ends_it(app, people):
    client = people.client()

    def grant():
        staff.set_permissions(actor=people.admin(), user_id=client.id, permissions=["manage_jobs"], address="")

    grant()
    console = console_of(app, client)
    assert signed_in(console)
    grant()
    assert not signed_in(console)


def test_after_signing_out_the_old_cookie_is_worthless(console):
    cookie = console.browser.get_cookie(COOKIE, path="/admin").value
    console.post("/admin/logout/")
    console.browser.set_cookie(COOKIE, cookie, path="/admin")
    assert not signed_in(console)


def test_signing_in_begins_anew(app, user):
    console = Console(app)
    console.get("/admin/login/")
    planted, planted_token = console.browser.get_cookie(COOKIE, path="/admin").value, console.token
    console.sign_in(with_password(user))
    first = session_of(user).id
    assert console.browser.get_cookie(COOKIE, path="/admin").value != planted
    assert console.browser.post("/admin/jobs/verify/", data={"csrf_token": planted_token}).status_code == 400
    thief = Console(app)
    thief.browser.set_cookie(COOKIE, planted, path="/admin")
    assert not signed_in(thief)
    console.post("/admin/logout/")
    console.token = ""
    console.sign_in(user)
    assert session_of(user).id != first


def test_a_forged_cookie_is_worthless(app, user, console):
    sid = session_of(user).id
    thief = Console(app)
    for forged in (sid, f"{sid}.{user.id}", "eyJzaWQiOiJ4In0.x.y", console.browser.get_cookie(
            COOKIE, path="/admin").value[:-2] + "xx"):
        thief.browser.set_cookie(COOKIE, forged, path="/admin")
        assert not signed_in(thief)


def test_the_cookie_is_for_the_console_only_and_not_for_scripts(app, user, settings):
    console = Console(app)
    answer = console.sign_in(with_password(user))
    flags = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    assert {"HttpOnly", "Path=/admin", "SameSite=Lax"} <= {part.strip() for part in flags.split(";")}
    assert "Domain" not in flags
    assert "Expires" not in flags
    assert site.build(replace(settings, app_env="production"), ()).config["SESSION_COOKIE_SECURE"]
    assert console_app(app).config["SECRET_KEY"] != settings.key_for("jwt")


NASTY = ["//evil.example", "///evil.example", "https://evil.example/", "http:evil.example", "/\\evil.example",
         "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "/%09/evil.example", " //evil.example",
         "javascript:alert(1)", "/javascript:alert(1)", "/@evil.example", "//evil.example\\@localhost", ".evil.example",
         "/..//evil.example", "/.//evil.example", "%2f%2fevil.example", "/％2fevil.example", "/\u2028/evil.example",
         "data:text/html,x", "\x00//evil.example", "/" + "a" * 5000, ""]


@pytest.mark.parametrize("wanted", NASTY)
def test_signing_in_never_leads_off_the_site(app, user, wanted):
    console = Console(app)
    with_password(user)
    answer = console.post("/admin/login/", login=user.email, password=PASSWORD, next=wanted)
    assert answer.status_code == 302
    target = urlsplit(urljoin(f"{HOST}/admin/login/", answer.location))
    assert (target.scheme, target.netloc) == ("http", "localhost")
    assert answer.location.startswith("/admin/")
    assert not answer.location.startswith("//")


def test_signing_in_leads_to_where_one_was_going(app, user):
    console = Console(app)
    asked = console.get("/admin/jobs/failed/money/?page=2")
    assert asked.location == "/admin/login/?next=/jobs/failed/money/%3Fpage%3D2"
    page = console.get(asked.location).text
    assert 'name="next" value="/jobs/failed/money/?page=2"' in page
    with_password(user)
    answer = console.post("/admin/login/", login=user.email, password=PASSWORD, next="/jobs/failed/money/?page=2")
    assert answer.location == "/admin/jobs/failed/money/?page=2"


def test_the_login_page_repeats_nothing_as_markup(client):
    page = client.get("/admin/login/", query_string={"next": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_one_client_address_guesses_ten_times_a_minute(app, settings):
    settings_in_use.use(replace(settings, ratelimit_enabled=True))
    try:
        console = Console(app)
        answers = [console.post("/admin/login/", login=f"who{number}@shop.example", password="x").status_code
                   for number in range(12)]
        assert answers == [400] * 10 + [429] * 2
        elsewhere = Console(app)
        elsewhere.browser.environ_base["REMOTE_ADDR"] = "192.0.2.44"
        assert elsewhere.post("/admin/login/", login="x", password="x").status_code == 400
    finally:
        settings_in_use.use(settings)


def test_one_account_is_guessed_at_ten_times_and_then_not_even_opened(app, user):
    with_password(user)
    console = Console(app)
    for _ in range(10):
        assert console.sign_in(user, "wrong").status_code == 400
    refused = console.sign_in(user)
    assert refused.status_code == 400
    assert "many" in refused.text
    assert session_of(user) is None


def test_a_failed_login_says_the_same_of_known_and_unknown_people(app, user):
    with_password(user)
    known = Console(app).post("/admin/login/", login=user.email, password="wrong").text
    unknown = Console(app).post("/admin/login/", login="zzz", password="wrong").text
    assert _refusal(known) == _refusal(unknown)


def test_a_token_of_the_api_opens_no_page(app, user, as_user):
    browser = as_user(user)
    assert browser.get("/api/auth/profile/").status_code == 200
    assert browser.get("/admin/jobs/").status_code == 302
    token = browser.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    other = Console(app)
    other.browser.set_cookie("token", token)
    other.browser.set_cookie(COOKIE, token, path="/admin")
    assert not signed_in(other)


def test_the_cookie_of_the_console_opens_no_route_of_the_api(app, client, console):
    cookie = console.browser.get_cookie(COOKIE, path="/admin").value
    for headers in ({"Cookie": f"{COOKIE}={cookie}"}, {"Cookie": f"token={cookie}"},
                    {"Authorization": f"Bearer {cookie}"}):
        assert client.get("/api/auth/profile/", headers=headers).status_code == 401


def test_the_token_of_its_socket_is_good_for_nothing_else(client, console):
    token = console.get("/admin/socket/").json["token"]
    assert client.get("/api/auth/profile/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert client.get("/api/auth/profile/", headers={"Cookie": f"token={token}"}).status_code == 401
    assert client.post("/api/auth/token/refresh/", json={"refresh": token}).status_code == 401


@pytest.mark.parametrize("token_type", ["refresh", "console", None])
def test_the_api_takes_access_tokens_only(client, console, user, settings, token_type):
    token = jwt.encode({"sub": str(user.id), "user_id": user.id, "sid": session_of(user).id, "token_type": token_type,
                        "exp": int((clock.now() + MINUTE).timestamp())}, settings.key_for("jwt"), "HS256")
    assert client.get("/api/auth/profile/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def _refusal(page):
    return page.partition('role="alert">')[2].partition("<")[0]

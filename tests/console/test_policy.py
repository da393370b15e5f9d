"""What browsers are told with every page, and that no page of a shop in business needs to be told more."""
import re
from collections import Counter, deque
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from blueprints.console.pages import DocumentView
from documents.permissions import UserType
from documents.users import User
from jobs.queues import MONEY, hint, queue
from services import demo, verifications
from tests.console.routes import console_app, pages, routes
from tests.consoling import Console, console_of

OF_EACH = 2
"""Pages of a kind that are looked at."""
_NONCE = re.compile(r"script-src 'nonce-([^']{20,})'")
_SCRIPT = re.compile(r"<script\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
_TAG = re.compile(r"<[a-z][^<>]*>", re.IGNORECASE)
_INLINE = re.compile(r"""\s(?:style|on[a-z]+)\s*=\s*["']|=\s*["']?\s*javascript:""", re.IGNORECASE)
NOT_PAGES = {"api_file_view", "ajax_lookup", "export", "create_view", "edit_view"}
"""Flask-Admin's, which answer no page, or none where a list is read-only; what they answer is held to all of this."""


class Seen(NamedTuple):
    path: str
    endpoint: str
    answer: TestResponse


@pytest.fixture
def looked_at(app) -> list[Seen]:
    """Every kind of page that can be reached from Home by links, with the demo business behind it."""
    demo.load()
    hint(MONEY, "jobs.there_is.no_such_job")
    queue(MONEY).run_sync(queue(MONEY).jobs[0])
    console = console_of(app, User.find_one({"user_type": UserType.ADMIN.value}))
    console.post("/admin/jobs/verify/")
    verifications.run_due()
    return list(_walk(app, console))


def _walk(app, console: Console):
    adapter = console_app(app).url_map.bind("localhost", script_name="/admin")
    waiting, known, counts = deque(["/admin/"]), {"/admin/"}, Counter()
    while waiting:
        path = waiting.popleft()
        try:
            endpoint, _ = adapter.match(urlsplit(path).path.removeprefix("/admin"), method="GET")
        except RequestRedirect as redirect:
            pytest.fail(f"{path} leads to {redirect.new_url}: link to it directly")
        counts[endpoint] += 1
        if counts[endpoint] > OF_EACH:
            continue
        answer = console.get(path)
        yield Seen(path, endpoint, answer)
        found = _LINK.findall(answer.text) if answer.mimetype == "text/html" else []
        for address in [*found, answer.location or ""]:
            link = urlsplit(urljoin(f"http://localhost{path}", address.replace("&amp;", "&")))
            step = link._replace(scheme="", netloc="", fragment="").geturl()
            if link.netloc == "localhost" and link.path.startswith("/admin/") and step not in known:
                known.add(step)
                waiting.append(step)


def test_every_page_keeps_to_the_policy(app, people, looked_at):
    nonces = [_keeps_to_it(seen) for seen in looked_at]
    assert len(set(nonces)) == len(nonces), "a nonce was used twice"
    known, console = {seen.endpoint for seen in looked_at}, console_of(app, people.admin())
    for route in routes(app, "GET"):
        if route.endpoint not in known:
            answer = console.get(route.path)
            assert answer.status_code != 200 or answer.mimetype != "text/html", f"no page links to {route}"


def test_other_answers_keep_to_it_too(app, people, client):
    console = console_of(app, people.admin())
    for route in routes(app, "GET"):
        _keeps_to_it(Seen(route.path, route.endpoint, console.get(route.path)))
    for path in ("/admin/login/", "/admin/nowhere/", "/admin/jobs/"):
        _keeps_to_it(Seen(path, "", client.get(path)))
    _keeps_to_it(Seen("/admin/login/", "", client.post("/admin/login/")))


def test_a_script_that_a_page_was_talked_into_would_not_run(app, people):
    user = people.client(first_name="<script>alert(1)</script>", last_name='"><img src=x onerror=alert(1)>')
    console = console_of(app, people.admin())
    for path in (f"/admin/customers/{user.id}/", f"/admin/staff/{user.id}/", "/admin/users/"):
        page = console.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def _keeps_to_it(seen: Seen) -> str:
    """Check one answer and return its nonce."""
    path, answer = seen.path, seen.answer
    assert answer.status_code < 500, f"{path} was {answer.status}"
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy, path
    assert "*" not in policy, path
    assert policy.startswith("default-src 'none'; "), path
    assert all(part in policy for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")), path
    assert headers["X-Content-Type-Options"] == "nosniff", path
    assert headers["X-Frame-Options"] == "DENY", path
    assert "no-store" in headers["Cache-Control"], path
    nonce = _NONCE.search(policy)[1]
    if answer.mimetype == "text/html":
        for tag in _SCRIPT.findall(answer.text):
            assert f'nonce="{nonce}"' in tag, f"{path}: {tag}"
        for tag in _TAG.findall(answer.text):
            assert not _INLINE.search(tag), f"{path}: {tag}"
        assert "<style" not in answer.text, path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text), f"{path} loads from elsewhere"
    return nonce


def test_links_to_narrowed_lists_ask_what_those_lists_know(app, looked_at):
    lists = {view.endpoint: view for view in pages(app) if isinstance(view, DocumentView)}
    adapter = console_app(app).url_map.bind("localhost", script_name="/admin")
    asked, wrong = 0, []
    for seen in looked_at:
        for link in _LINK.findall(seen.answer.text) if seen.answer.mimetype == "text/html" else ():
            address = urlsplit(urljoin(seen.path, unescape(link)))
            for name, value in parse_qsl(address.query):
                if not name.startswith("flt"):
                    continue
                endpoint, _ = adapter.match(address.path.removeprefix("/admin"), method="GET")
                known = lists[endpoint.partition(".")[0]]._filter_args or {}
                _, condition = known.get(name.partition("_")[2], (None, None))
                asked += 1
                if condition is None or not condition.validate(value):
                    wrong.append(f"{seen.path}: {link}")
    assert wrong == []
    assert asked

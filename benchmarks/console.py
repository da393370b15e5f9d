"""Every page of the console over 100,000 users and a million ledger entries: `python -m benchmarks console`.

Set BENCH_DATA to a folder to keep the data: the first run loads it, later ones find it. Pages are asked for one at a
time through the whole WSGI stack; what the console keeps for a few seconds is forgotten before each. BENCH_PAGES, a
regular expression, asks only for the pages with such names.
"""
import os
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from benchmarks import console_pages, grown
from benchmarks.console_pages import Visit
from benchmarks.in_process import installation
from config import connections, settings
from config.connections import database

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
ASKED_FOR = 500
"""Milliseconds."""
UNBOUNDED = 20_000
"""Documents or keys that one question may look at."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Figures(NamedTuple):
    """Of one page, in milliseconds: the CPU columns are means, and not of other programs on the machine."""

    visit: Visit
    median: float
    worst: float
    worker: float
    mongod: float
    status: int


def main() -> None:
    """Load, walk, print."""
    with installation(os.environ.get("BENCH_DATA", "")) as app:
        started = time.perf_counter()
        busiest = grown.load(lambda line: print(line, flush=True))
        print(f"{database().users.estimated_document_count()} users, "
              f"{database().ledger_entries.estimated_document_count()} ledger entries "
              f"(loaded in {time.perf_counter() - started:.0f} s)\n")
        browser = _signed_in(app.test_client())
        with _profiled() as looked:
            chosen = re.compile(os.environ.get("BENCH_PAGES", ""))
            figures = [_measured(browser, visit, looked) for visit in _pages(browser, busiest)
                       if chosen.search(visit.name)]
        _print_pages(figures)
        print(f"\nQuestions that looked at more than {UNBOUNDED} documents or keys: {len(looked) or 'none'}")
        for page, question in looked.items():
            print(f"  {page}: {question}")
        _print_exports(browser)


def _signed_in(browser: FlaskClient) -> FlaskClient:
    chosen = settings.current()
    token = _TOKEN.search(browser.get("/admin/login/").text)
    answer = browser.post("/admin/login/", data={
        "csrf_token": token[1] if token else "", "login": chosen.admin_email, "password": chosen.admin_password})
    if answer.status_code != 302:
        raise SystemExit(f"The console did not let us in: {answer.status_code}.")
    return browser


def _pages(browser: FlaskClient, busiest: int) -> Iterator[Visit]:
    """What can be named, then what is linked from there: of addresses of one shape the first."""
    named = list(console_pages.everything(busiest))
    known = {console_pages.shape(visit.path) for visit in named}
    waiting = [visit.path for visit in named]
    yield from named
    while waiting and not os.environ.get("BENCH_PAGES"):
        for path in console_pages.linked(browser.get(waiting.pop(0)).text):
            if console_pages.shape(path) not in known:
                known.add(console_pages.shape(path))
                waiting.append(path)
                yield Visit(path.removeprefix(console_pages.ROOT), path)


def _measured(browser: FlaskClient, visit: Visit, looked: dict[str, str]) -> Figures:
    _unbounded()        # forgets what looking for links has asked
    _forget()
    _ask(browser, visit.path)
    if question := _unbounded():
        looked[visit.name] = question
    times, worker, mongod = [], time.thread_time(), _cpu_of_mongod()
    for _ in range(ROUNDS):
        _forget()
        started = time.perf_counter()
        answer = _ask(browser, visit.path)
        times.append((time.perf_counter() - started) * 1_000)
    spent = [(now - then) * 1_000 / ROUNDS for now, then in (
        (time.thread_time(), worker), (_cpu_of_mongod(), mongod))]
    return Figures(visit, statistics.median(times), max(times), *spent, answer.status_code)


def _ask(browser: FlaskClient, path: str) -> TestResponse:
    return browser.get(path, buffered=True)


def _forget() -> None:
    """What the console keeps for a few seconds would otherwise be what is measured."""
    for key in connections.redis().scan_iter("console:*"):
        connections.redis().delete(key)


@contextmanager
def _profiled() -> Iterator[dict[str, str]]:
    """Have the server note the questions that look at too much; gives a place to keep them by page."""
    database().command("profile", 1, filter={"$or": [
        {name: {"$gt": UNBOUNDED}} for name in ("docsExamined", "keysExamined")]})
    try:
        yield {}
    finally:
        database().command("profile", 0)
        database().drop_collection("system.profile")


def _unbounded() -> str:
    """The greatest of the questions noted since the last call, if any; the server forgets them."""
    noted = list(database()["system.profile"].find(sort=[("docsExamined", -1)]))
    if not noted:
        return ""
    chosen = database().command("profile", 0)
    database().drop_collection("system.profile")
    database().command("profile", 1, filter=chosen["filter"])
    worst = max(noted, key=lambda row: max(row.get("docsExamined", 0), row.get("keysExamined", 0)))
    asked = {key: worst["command"][key] for key in ("filter", "query", "pipeline", "sort") if key in worst["command"]}
    return (f"{worst['ns'].partition('.')[2]}, {worst.get('docsExamined', 0)} documents, "
            f"{worst.get('keysExamined', 0)} keys, {worst.get('planSummary', '')}: {asked}"[:400])


def _cpu_of_mongod() -> float:
    pid = database().client.admin.command("serverStatus")["pid"]
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def _print_pages(figures: list[Figures]) -> None:
    print(f"{'':>3} {'worst ms':>9} {'median':>8} {'worker':>8} {'mongod':>8}  page")
    for row in sorted(figures, key=lambda row: -row.worst):
        wrong = "" if row.status in (200, 302) else f"  answered {row.status}"
        print(f"{'!!!' if row.worst > ASKED_FOR else '':>3} {row.worst:>9.0f} {row.median:>8.0f} {row.worker:>8.0f} "
              f"{row.mongod:>8.0f}  {row.visit.name}{wrong}")
    slow = sum(row.worst > ASKED_FOR for row in figures)
    print(f"\n{len(figures)} pages, {slow} of them above {ASKED_FOR} ms at their worst")


def _print_exports(browser: FlaskClient) -> None:
    print(f"\n{'CSV':<36}{'first byte ms':>14}{'lines':>9}{'lines/s':>9}")
    for visit in console_pages.exports():
        started = time.perf_counter()
        answer = browser.get(visit.path, buffered=False)
        first = (time.perf_counter() - started) * 1_000
        lines = sum(chunk.count(b"\n") for chunk in answer.iter_encoded())
        rate = lines / (time.perf_counter() - started)
        answer.close()
        print(f"{visit.name:<36}{first:>14.0f}{lines:>9}{rate:>9.0f}   {'' if answer.status_code == 200 else answer}")


if __name__ == "__main__":
    main()

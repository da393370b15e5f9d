"""A real Chromium in front of a real installation: demo data, sockets, workers and all."""
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config.supervisor import ROOT
from tests.browser.watched import Watched
from tests.installations import environment, own_folder, supervisor, until_running
from tests.ports import free_port

PASSWORD = "Purser-demo-1"
FIRST, SECOND = "admin@purser.example", "second@purser.example"


@dataclass(frozen=True)
class Site:
    """An installation that runs."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def flask(self, *command: str) -> str:
        """Run one `flask` command against it; returns what it printed."""
        return subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, check=True, text=True, timeout=60,
                              env=environment(self.folder, PORT=str(self.port)), stdout=subprocess.PIPE).stdout


@contextmanager
def running_site() -> Iterator[Site]:
    """`make up` with the demo business, a second admin, and a threshold of 1,000.00 for approvals."""
    with own_folder() as folder:
        port = free_port()
        process = supervisor(folder, port, DEMO="1", RATELIMIT_ENABLED="false", APPROVAL_THRESHOLD="100000")
        with process:
            until_running(process)
            # Whatever it goes on to say is read away, or its pipe would fill up.
            reader = threading.Thread(target=process.stdout.read, daemon=True)
            reader.start()
            started = Site(folder, port)
            started.flask("create-admin", "--email", SECOND, "--phone", "", "--password", PASSWORD)
            yield started
            process.terminate()
            process.wait()
            reader.join()


@contextmanager
def started_chromium(path: str) -> Iterator[Browser]:
    """A browser without windows yet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Desk:
    """Opens windows at the console, each a browser of its own, and hears everything that goes wrong in them."""

    def __init__(self, chromium: Browser, site: Site) -> None:
        self._chromium, self.site = chromium, site
        self._contexts: list[BrowserContext] = []
        self.watched: list[Watched] = []

    def window(self, *, width: int = 1440, height: int = 900, dark: bool = False) -> Page:
        """A window nobody is signed in at."""
        context = self._chromium.new_context(
            viewport={"width": width, "height": height}, locale="en-IN", timezone_id="Asia/Kolkata",
            color_scheme="dark" if dark else "light", base_url=self.site.url, accept_downloads=True)
        self._contexts.append(context)
        page = context.new_page()
        self.watched.append(Watched(page))
        return page

    def signed_in(self, login: str = FIRST, **options) -> Page:
        """A window at the home page of this admin."""
        page = self.window(**options)
        page.goto("/admin/")
        page.get_by_label("E-mail, phone or user name").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/admin/")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

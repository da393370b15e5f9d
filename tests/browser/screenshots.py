"""`python -m tests.browser.screenshots`: the pictures of docs/screenshots/, of a demo business after a short day."""
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.clients import ANNA, recharge
from tests.browser.desk import Desk, Site, running_site, started_chromium

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WALLET = "wallet:3"


def main() -> None:
    """Take them all anew."""
    path = shutil.which("chromium") or sys.exit("Chromium is missing: sudo apt-get install -y chromium")
    FOLDER.mkdir(exist_ok=True)
    with started_chromium(path) as chromium, running_site() as site:
        desk = Desk(chromium, site)
        work(desk, site)
        take(desk)
        desk.close()


def work(desk: Desk, site: Site) -> None:
    """What happened before the pictures: money in, a request that waits, a recharge that nobody knows about."""
    page = desk.signed_in()
    act(page, "250.00", "Cash over the counter")
    act(page, "5000.00", "Transfer received at the bank")
    site.flask("operators", "simulate", "silent", "--next", "1")
    recharge(site)
    page.goto("/admin/jobs/")
    page.get_by_role("button", name="Verify now").click()
    page.get_by_text("Right,").wait_for()


def act(page: Page, amount: str, reason: str) -> None:
    """Fund Anna's wallet."""
    page.goto(f"/admin/actions/fund/{WALLET}/")
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Fund a wallet").click()
    page.get_by_role("heading", name="Fund").wait_for()


def take(desk: Desk) -> None:
    """The six pictures."""
    wide = desk.signed_in(width=1280, height=900)
    shoot(wide, "home", "/admin/", whole=True)
    shoot(wide, "customer", f"/admin/users/?search={ANNA}", follow=".row-links a", whole=True)
    shoot(wide, "ledger-entry", "/admin/entries/?flt_account=wallet:3", follow=".row-links a")
    shoot(wide, "approval", "/admin/approvals/", follow=".row-links a")
    dark = desk.signed_in(width=1280, height=900, dark=True)
    shoot(dark, "jobs-dark", "/admin/jobs/")
    phone = desk.signed_in(width=390, height=844)
    shoot(phone, "recharges-phone", "/admin/recharges/")


def shoot(page: Page, name: str, address: str, *, follow: str = "", whole: bool = False) -> None:
    """One picture of what is in the window (of the `whole` page) at `address`, or behind the first link `follow`."""
    page.goto(address)
    if follow:
        page.goto(page.locator(follow).first.get_attribute("href"))
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()

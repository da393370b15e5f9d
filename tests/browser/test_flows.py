"""What staff do in a day, from the first click to the books."""
import csv

from playwright.sync_api import Page, expect

from tests.browser.clients import ANNA, log_in, recharge, status_of
from tests.browser.desk import SECOND


def test_fund_and_watch_then_ask_a_colleague(desk, site):
    home = desk.signed_in()
    watched = home.locator("[data-figure=came] data.money")
    before = cents(watched)
    expect(home.locator("#feed-state")).to_have_text("Live")

    page = desk.signed_in()
    customer = find(page, ANNA)
    page.locator("main .actions").get_by_role("link", name="Fund").click()
    page.get_by_label("Amount").fill("250.00")
    page.get_by_label("Reason").fill("Cash over the counter")
    page.get_by_role("button", name="Fund a wallet").click()
    expect(page.locator(".toast")).to_be_visible()

    # The other window hears of it by itself: the tile and the feed change without a reload.
    expect(home.locator("#feed li").filter(has_text="250").first).to_be_visible()
    expect(watched).not_to_have_attribute("value", f"{before / 100:.2f}")
    assert cents(watched) == before + 250_00

    # Above the threshold nothing moves until a second person has looked.
    balance = balance_of(page, customer)
    page.locator("main .actions").get_by_role("link", name="Fund").click()
    page.get_by_label("Amount").fill("5000.00")
    page.get_by_label("Reason").fill("Transfer received at the bank")
    page.get_by_role("button", name="Fund a wallet").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waiting")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    request = page.url
    assert balance_of(page, customer) == balance

    second = desk.signed_in(SECOND)
    second.get_by_role("navigation").get_by_role("link", name="Approvals").click()
    second.locator(f"a[href*='{request.rstrip('/').rpartition('/')[2]}']").first.click()
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_role("heading", level=1)).to_contain_text("done")
    assert balance_of(page, customer) == balance + 5000_00

    second.get_by_role("navigation").get_by_role("link", name="Audit list").click()
    expect(second.locator("main table.rows tbody tr").first).to_contain_text("Transfer received at the bank")


def test_resolve_a_pending_recharge(desk, site):
    site.flask("operators", "simulate", "silent", "--next", "1")
    made = recharge(site)
    assert made["payment_status"] == "pending"
    home = desk.signed_in()
    assert int(home.locator("[data-figure=pending] data").get_attribute("value")) == 1

    page = desk.signed_in()
    customer = find(page, ANNA)
    before = balance_of(page, customer)
    page.get_by_role("link", name="Resolve recharge").first.click()
    page.get_by_label("If the operator does not say").select_option("failed")
    page.get_by_label("Reason").fill("The operator's desk says it never arrived")
    page.get_by_role("button", name="Resolve a pending recharge").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("done")
    assert balance_of(page, customer) > before
    expect(home.locator("[data-figure=pending] data")).to_have_attribute("value", "0")


def test_export_what_a_list_shows(desk, tmp_path):
    page = desk.signed_in()
    page.goto("/admin/users/?search=anna@purser.example")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    kept = tmp_path / "customers.csv"
    download.value.save_as(kept)
    rows = list(csv.reader(kept.read_text().splitlines()))
    assert len(rows) == 2
    assert ANNA in rows[1]


def test_end_a_customers_session(desk, site):
    token = log_in(site)["access"]
    page = desk.signed_in()
    find(page, ANNA)
    session = page.locator("#moments details.ask").filter(has_text="Revoke the session").first
    session.locator("summary").click()
    session.get_by_label("Why (optional)").fill("Lost phone")
    session.get_by_role("button", name="End this session").click()
    expect(page.locator(".toast")).to_contain_text("The session has ended")
    assert status_of(site, "/api/auth/profile/", token) == 401


def find(page: Page, address: str) -> str:
    """Find a customer by the box on top; returns the address of its page."""
    page.get_by_role("searchbox", name="Find a customer").fill(address)
    page.get_by_role("searchbox", name="Find a customer").press("Enter")
    page.locator("main table.rows a[href*='/customers/']").first.click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    return page.url


def balance_of(page: Page, customer: str) -> int:
    """Minor units in the wallet, as the customer's page shows them."""
    page.goto(customer)
    return cents(page.locator("main .details data.money, main dl data.money").first)


def cents(shown) -> int:
    """Minor units of an amount on a page."""
    return round(float(shown.get_attribute("value")) * 100)

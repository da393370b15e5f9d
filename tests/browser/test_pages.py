"""Every page of the menu and a record behind every list: for axe, on a phone, in both themes, by keyboard."""
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SERIOUS = {"serious", "critical"}
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844, "dark": True}


def test_signing_in_and_out(desk):
    page = desk.signed_in()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    page.goto("/admin/users/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_every_page_and_a_record_of_each_is_accessible(desk):
    page = desk.signed_in(**DESK)
    found = []
    for address in addresses(page):
        page.goto(address)
        found += problems(page)
        details = page.locator("main .row-links a").first
        if details.count():
            page.goto(details.get_attribute("href"))
            found += problems(page)
    assert found == []


def test_every_page_is_accessible_on_a_phone_in_the_dark(desk):
    page = desk.window(**PHONE)
    page.goto("/admin/login/")
    found = problems(page)
    page = desk.signed_in(**PHONE)
    for address in addresses(page):
        page.goto(address)
        found += problems(page)
    assert found == []


def addresses(page: Page) -> list[str]:
    """Where the menu leads to."""
    return page.locator(".menu a").evaluate_all("links => links.map(link => link.getAttribute('href'))")


def problems(page: Page) -> list[str]:
    """What is wrong with the page as it stands: axe's serious findings, and anything wider than the window."""
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [f"{page.url} is {width} px wider than the window"] if width > 0 else []
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in SERIOUS:
            where = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
            found.append(f"{page.url}: {violation['id']} ({violation['impact']}): {where}")
    return found


def test_by_keyboard_alone(desk):
    page = desk.window()
    page.goto("/admin/")
    page.keyboard.type("admin@purser.example")     # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type("Purser-demo-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox", name="Find a customer").focus()
    page.keyboard.type("anna@purser.example")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/users/**")
    link = page.locator("main .row-links a").first
    tabs_until_focused(page, link)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def tabs_until_focused(page: Page, link, most: int = 120) -> None:
    """Reach a link by the Tab key."""
    for _ in range(most):
        if link.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("The Tab key does not lead there.")

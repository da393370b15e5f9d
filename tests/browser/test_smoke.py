"""Signing in and out."""
from playwright.sync_api import expect


def test_signing_in_and_out(desk):
    page = desk.signed_in()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    page.goto("/admin/users/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()

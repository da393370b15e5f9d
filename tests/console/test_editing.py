"""Staff make and change what is not money: by the API's rules, never over somebody else's change, each with a line."""
import html
import re

import pytest

from blueprints.console.editing import EditableView
from documents import money
from documents.coupons import Coupon
from documents.margins import Margin
from documents.merchants import Merchant
from documents.notification_settings import NotificationSettings
from documents.plans import Plan
from documents.products import Product
from documents.providers import Provider
from documents.reward_configs import RewardConfig
from documents.staff_actions import StaffAction
from documents.tickets import Ticket
from documents.users import User
from documents.voucher_types import VoucherType
from documents.webhook_endpoints import WebhookEndpoint
from services import (
    catalogue,
    merchants,
    notifications,
    products,
    staff,
    support,
    voucher_types,
    webhook_endpoints,
)
from tests.console.editing import CREATE, edit, form, line_of, switch
from tests.console.routes import pages
from tests.consoling import console_of


def test_a_provider_and_its_plan_are_made_and_changed(console, admin):
    assert console.post(CREATE.format("providers"), title="Orbit").status_code == 302
    provider = Provider.find_one({"title": "Orbit"})
    made = console.post(CREATE.format("plans"), provider_id=provider.id, title="Day", identifier="orbit-1",
                        amount="19.50", validity="1", description="", is_active="y")
    plan = Plan.find_one({"identifier": "orbit-1"})
    assert made.location == f"/admin/plans/details/?id={plan.id}"
    assert (plan.amount, plan.provider.title, plan.on_sale) == (1950, "Orbit", True)
    assert edit(console, "plans", plan.id, amount="21.00", title="Day pass").status_code == 302
    assert (Plan.get(plan.id).amount, Plan.get(plan.id).title) == (2100, "Day pass")
    line = line_of("plan.update", admin)
    assert (line.subject, line.before, line.after) == (
        f"plan:{plan.id}", {"amount": "19.50", "title": "Day"}, {"amount": "21.00", "title": "Day pass"})
    assert line_of("plan.create", admin).after["amount"] == "19.50"


def test_what_the_api_refuses_is_told_at_its_field_and_kept_as_it_was_typed(console):
    provider = catalogue.create_provider(title="Orbit")
    catalogue.create_plan(provider_id=provider.id, title="A", identifier="one", amount=100, validity=1, is_active=True)
    answer = console.post(CREATE.format("plans"), provider_id=provider.id, title="B", identifier="one", amount="1.005",
                          validity="0", description="")
    assert answer.status_code == 200
    assert "no more than 2 decimal places" in answer.text
    assert "greater than or equal to 1" in answer.text
    assert 'value="1.005"' in answer.text
    taken = console.post(CREATE.format("plans"), provider_id=provider.id, title="B", identifier="one", amount="1.00",
                         validity="1", description="")
    assert "This identifier is already in use." in taken.text
    assert Plan.collection().count_documents({}) == 1
    assert StaffAction.find_one({}) is None


def test_a_form_that_somebody_else_was_faster_than_overwrites_nothing_by_itself(console, admin):
    product = products.create(name="Phone", price=10_000)
    path = f"/admin/products/edit/?id={product.id}"
    opened = form(console, path)
    products.change(product.id, price=12_000)
    late = console.post(path, **{**opened, "name": "Telephone"})
    assert "Somebody else has changed this" in late.text
    assert "It is now: 120.00" in late.text
    assert 'value="Telephone"' in late.text
    assert (Product.get(product.id).name, Product.get(product.id).price) == ("Phone", 12_000)
    assert StaffAction.find_one({}) is None
    # Whoever has seen it may save again: the form now counts as opened with what it is.
    again = html.unescape(re.search(r'name="opened"[^>]*value="([^"]*)"', late.text)[1])
    assert console.post(path, **{**opened, "name": "Telephone", "price": "120.00", "opened": again}).status_code == 302
    assert (Product.get(product.id).name, Product.get(product.id).price) == ("Telephone", 12_000)
    assert line_of("product.update", admin).before == {"name": "Phone"}


@pytest.mark.parametrize("opened", ["", "x", "[]", "{}", '{"name": "Phone"}'])
def test_a_form_that_does_not_say_what_it_was_opened_with_changes_nothing(console, opened):
    product = products.create(name="Phone", price=10_000)
    answer = console.post(f"/admin/products/edit/?id={product.id}", name="Other", price="1.00", description="",
                          opened=opened)
    assert "Somebody else has changed this" in answer.text
    assert Product.get(product.id).name == "Phone"


def test_saving_what_is_unchanged_writes_no_line(console):
    product = products.create(name="Phone", price=10_000, description="With\nlines")
    assert edit(console, "products", product.id, description="With\r\nlines").status_code == 302
    assert Product.get(product.id).updated_at == product.updated_at
    assert StaffAction.find_one({}) is None


def test_a_field_that_no_form_asks_for_is_not_bound(console):
    product = products.create(name="Phone", price=10_000)
    edit(console, "products", product.id, name="Telephone", sold="y", is_active="", id="77")
    found = Product.get(product.id)
    assert (found.name, found.sold, found.is_active) == ("Telephone", False, True)


def test_what_is_taken_off_sale_says_why_and_is_never_deleted(console, admin):
    product = products.create(name="Phone", price=10_000)
    assert switch(console, "products", product.id, "take_off_sale", reason=" ").status_code == 302
    assert Product.get(product.id).is_active, "there was no reason"
    switch(console, "products", product.id, "take_off_sale")
    assert not Product.get(product.id).is_active
    line = line_of("product.take_off_sale", admin)
    assert (line.reason, line.before, line.after) == ("not sold any more", {"is_active": True}, {"is_active": False})
    assert switch(console, "products", product.id, "take_off_sale").status_code == 404
    assert switch(console, "products", "x", "take_off_sale").status_code == 404
    assert StaffAction.collection().count_documents({}) == 1


def test_providers_voucher_types_and_merchants_are_switched_off_and_on(console, people):
    provider = catalogue.create_provider(title="Orbit")
    kind = voucher_types.create(name="Result", type_code="result", price=5_000)
    shop = merchants.create(owner=people.client(), business_name="Corner")
    for endpoint, document, pk, off, on in (
            ("providers", Provider, provider.id, "take_off_sale", "put_on_sale"),
            ("voucher_types", VoucherType, kind.id, "take_off_sale", "put_on_sale"),
            ("merchants", Merchant, shop.id, "switch_off", "switch_on")):
        switch(console, endpoint, pk, off)
        assert document.get(pk).is_active is False, endpoint
        switch(console, endpoint, pk, on)
        assert document.get(pk).is_active is True, endpoint


def test_a_coupon_of_the_house_is_made_changed_and_ended(console, admin):
    console.post(CREATE.format("coupons"), code="welcome10", discount_type="percent", discount_value="10.00",
                 expiry_date="2099-01-01T00:00:00", audience="all", applies_to="POS, VOUCHER", usage_limit="5",
                 min_order_amount="", max_discount_amount="50.00", start_date="", budget="", per_customer_limit="1")
    coupon = Coupon.find_one({"code": "WELCOME10"})
    assert (coupon.discount_value, coupon.max_discount_amount, coupon.merchant) == (1_000, 5_000, None)
    assert coupon.applies_to == ["POS", "VOUCHER"]
    edit(console, "coupons", coupon.id, usage_limit="", max_discount_amount="60.00")
    changed = Coupon.get(coupon.id)
    assert (changed.usage_limit, changed.max_discount_amount) == (None, 6_000)
    assert changed.expiry_date == coupon.expiry_date
    switch(console, "coupons", coupon.id, "deactivate")
    assert not Coupon.get(coupon.id).is_active
    assert "percentage is at most 100" in edit(console, "coupons", coupon.id, discount_value="101").text


def test_terms_of_rewards_are_made_changed_and_ended(console):
    console.post(CREATE.format("reward_configs"), reward_type="SIGNUP", reward_value="25.50", reward_unit="CASH",
                 referee_value="", monthly_cap="3", hold_days="")
    config = RewardConfig.find_one({})
    assert (config.reward_value, config.monthly_cap, config.hold_days) == (2_550, 3, None)
    edit(console, "reward_configs", config.id, monthly_cap="", hold_days="7")
    assert (RewardConfig.get(config.id).monthly_cap, RewardConfig.get(config.id).hold_days) == (None, 7)
    switch(console, "reward_configs", config.id, "deactivate")
    assert not RewardConfig.get(config.id).is_active


def test_a_business_gets_its_margin(console, people):
    retailer = people.retailer()
    console.post(CREATE.format("margins"), user_email=retailer.email, margin_percentage="2.50")
    assert Margin.get(retailer.id).basis_points == 250
    edit(console, "margins", retailer.id, margin_percentage="3.00")
    assert Margin.get(retailer.id).basis_points == 300
    assert "less than or equal to" in edit(console, "margins", retailer.id, margin_percentage="101.00").text


def test_a_ticket_is_answered_and_closed(console, admin, people):
    customer = people.client()
    ticket = support.open_ticket(user=customer, issue_type="OTHER", description="Help")
    edit(console, "tickets", ticket.id, status="CLOSED", resolution_notes="Done.")
    found = Ticket.get(ticket.id)
    assert (found.status, found.resolution_notes, found.assigned_to) == ("CLOSED", "Done.", admin.id)
    assert line_of("ticket.update", admin).user == customer.id


def test_an_endpoint_is_changed_and_its_secret_shown_nowhere(console, admin):
    made = webhook_endpoints.create(user=admin, url="https://shop.example/hooks")
    edit(console, "webhook_endpoints", made.id, events="payment.*", description="Books")
    found = WebhookEndpoint.get(made.id)
    assert (found.events, found.description, found.secret) == (["payment.*"], "Books", made.secret)
    assert "Not published" in edit(console, "webhook_endpoints", made.id, events="x.y").text
    assert made.secret not in str(line_of("webhook.update", admin).to_mongo())
    switch(console, "webhook_endpoints", made.id, "switch_off")
    assert not WebhookEndpoint.get(made.id).is_active


def test_notice_settings_are_changed(console):
    notifications.change_settings(flags={"sms": True})
    edit(console, "notification_settings", 1, email="y")
    found = NotificationSettings.current()
    assert (found.email, found.sms) == (True, True)


def test_no_form_of_the_console_asks_for_money_that_has_moved(app):
    editable = {view.endpoint for view in pages(app) if isinstance(view, EditableView)}
    assert editable == {"users", "margins", "providers", "plans", "products", "voucher_types", "coupons",
                        "reward_configs", "merchants", "tickets", "notification_settings", "webhook_endpoints"}
    read_only = [view for view in pages(app) if hasattr(view, "can_edit") and view.endpoint not in editable]
    assert not any(view.can_edit or view.can_create or view.can_delete for view in read_only)


def test_who_may_not_see_a_list_cannot_change_it_either(app, people, admin):
    member = people.client()
    staff.set_permissions(actor=admin, user_id=member.id, permissions=["manage_support"], address="")
    product = products.create(name="Phone", price=10_000)
    console = console_of(app, User.get(member.id))
    assert switch(console, "products", product.id, "take_off_sale").status_code == 403
    assert console.post(CREATE.format("products"), name="x", price=money.text(1)).status_code == 403
    assert Product.collection().count_documents({"is_active": True}) == 1

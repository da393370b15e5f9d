"""Accounts are made, changed and ended at the console as by the API, and nobody takes over an admin's."""

from documents.permissions import UserType
from documents.sessions import Session
from documents.users import User
from services import passwords, staff
from tests.console.editing import CREATE, edit, line_of, switch
from tests.consoling import console_of


def test_a_business_is_made_and_changed(console, admin, people):
    console.post(CREATE.format("users"), email="north@shop.example", first_name="North", last_name="", phone="",
                 username="", user_type="2", parent="", password="Right-horse-9")
    made = User.find_one({"email": "north@shop.example"})
    assert (made.role, made.is_verified) == (UserType.DISTRIBUTOR, True)
    assert "password" not in line_of("user.create", admin).after
    edit(console, "users", made.id, last_name="Traders", phone="9812345678")
    changed = User.get(made.id)
    assert (changed.last_name, changed.phone, changed.role) == ("Traders", "+919812345678", UserType.DISTRIBUTOR)
    assert "is not a valid choice" in edit(console, "users", made.id, user_type="1").text
    other = people.client()
    assert "already" in edit(console, "users", made.id, email=other.email).text


def test_a_customers_name_is_changed_and_the_role_stays(console, people):
    customer = people.client()
    edit(console, "users", customer.id, first_name="Asha")
    assert (User.get(customer.id).first_name, User.get(customer.id).role) == ("Asha", UserType.CLIENT)


def test_a_password_is_reset_with_a_reason_and_ends_the_sessions(app, console, admin, people):
    retailer = people.retailer()
    signed_in = people.client_of(retailer)
    assert signed_in.get("/api/auth/profile/").status_code == 200
    console.post("/admin/users/password/", id=retailer.id, new_password="short", reason="asked by phone")
    assert Session.find_one({"user": retailer.id}) is not None
    console.post("/admin/users/password/", id=retailer.id, new_password="New-horse-77", reason="")
    assert Session.find_one({"user": retailer.id}) is not None
    console.post("/admin/users/password/", id=retailer.id, new_password="New-horse-77", reason="asked by phone")
    assert Session.find_one({"user": retailer.id}) is None
    assert passwords.verify(User.get(retailer.id).password, "New-horse-77")
    line = line_of("user.reset_password", admin)
    assert (line.reason, line.user) == ("asked by phone", retailer.id)
    assert "New-horse" not in str(line.to_mongo())


def test_an_account_is_deleted_by_making_nobody_of_it(console, admin, people):
    customer = people.client()
    switch(console, "users", customer.id, "anonymise", reason="asked to be forgotten")
    gone = User.get(customer.id)
    assert (gone.email, gone.phone, gone.is_active) == (None, None, False)
    refused = switch(console, "users", admin.id, "anonymise", reason="why not")
    assert "cannot delete your own" in console.get(refused.location).text


def test_staff_do_not_take_over_an_admin(app, people, admin):
    member = people.client()
    staff.set_permissions(actor=admin, user_id=member.id, permissions=["manage_users"], address="")
    console = console_of(app, User.get(member.id))
    before = User.get(admin.id)
    edit(console, "users", admin.id, email="mine@shop.example")
    console.post("/admin/users/password/", id=admin.id, new_password="New-horse-77", reason="because")
    switch(console, "users", admin.id, "anonymise", reason="because")
    assert User.get(admin.id).to_mongo() == before.to_mongo()

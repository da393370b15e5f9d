"""The pages of named actions: what they show, what they store, and what they refuse."""
import re

import pytest

from documents.permissions import Permission
from documents.refunds import Refund
from documents.staff_actions import StaffAction
from services import card_refunds, staff_actions
from services.gateways.payments.base import RefundState, Returned
from tests.acting import ABOVE, act, balance, wallet_of
from tests.carding import pay, told
from tests.consoling import console_of

KEY = re.compile(r'name="key" value="([^"]+)"')
REASON = "Paid at the counter"


def fill_in(console, path, **fields):
    """Open a form and send it."""
    page = console.get(path)
    assert page.status_code == 200, page.text
    return console.post(path, key=KEY.search(page.text)[1], **fields)


def signed_in(app, user):
    """A console with the token of a page of ours."""
    console = console_of(app, user)
    console.get("/admin/approvals/")
    return console


def only_line() -> StaffAction:
    found = list(StaffAction.find({}))
    assert len(found) == 1
    return found[0]


def test_a_form_shows_what_it_is_about_and_does_it_once(app, people):
    admin, customer = people.admin(), people.client(first_name="Meera")
    people.fund(customer, 12_345)
    console, path = signed_in(app, admin), f"/admin/actions/fund/{wallet_of(customer)}/"
    page = console.get(path)
    for shown in ("Fund a wallet", "123.45", f"Customer #{customer.id}", "Above", "10000.00"):
        assert shown in page.text
    key = KEY.search(page.text)[1]
    answers = [console.post(path, key=key, amount="100.00", reason=REASON) for _ in range(3)]
    assert {answer.headers["Location"] for answer in answers} == {f"/admin/actions/line/{key}/"}
    assert balance(customer) == 22_345
    line = only_line()
    assert (line.id, line.maker, line.reason, line.address) == (key, admin.id, REASON, "127.0.0.1")
    shown = console.get(answers[0].headers["Location"]).text
    for text in ("Fund a wallet: done.", REASON, "123.45", "223.45", "changed", admin.full_name):
        assert text in shown


def test_a_refusal_keeps_what_was_typed(app, people):
    customer = people.client()
    path = f"/admin/actions/debit/{wallet_of(customer)}/"
    console = signed_in(app, people.admin())
    answer = fill_in(console, path, amount="77.00", reason="Wants it <b>back</b>")
    assert answer.status_code == 409
    for shown in ("Insufficient wallet balance", 'value="77.00"', "Wants it &lt;b&gt;back&lt;/b&gt;"):
        assert shown in answer.text
    answer = fill_in(console, path, amount="seven", reason="")
    assert answer.status_code == 400
    assert "A valid amount is required." in answer.text
    assert "Say why" in answer.text
    assert StaffAction.collection().count_documents({}) == 0


def test_a_changed_form_under_the_same_key_is_refused(app, people):
    customer = people.client()
    console, path = signed_in(app, people.admin()), f"/admin/actions/fund/{wallet_of(customer)}/"
    key = KEY.search(console.get(path).text)[1]
    console.post(path, key=key, amount="1", reason=REASON)
    assert console.post(path, key=key, amount="2", reason=REASON).status_code == 409
    assert console.post(path, key="not-ours", amount="2", reason=REASON).status_code == 400
    assert balance(customer) == 100


@pytest.mark.parametrize("path", ["fund/wallet:999999", "fund/wallet:1%00", "rob/wallet:1", "fund/nothing",
                                  "reverse/entry:a/b:c", "waive_fee/installment:1/2"])
def test_unknown_actions_and_subjects_are_404(app, people, path):
    console = signed_in(app, people.admin())
    assert console.get(f"/admin/actions/{path}/").status_code == 404
    assert console.post(f"/admin/actions/{path}/", key="0193f2c4-a8c0-7d3f-8a4e-5b6c7d8e9f00").status_code == 404


def test_a_customer_without_a_wallet_is_funded_by_its_id(app, people):
    customer = people.client()
    console, path = signed_in(app, people.admin()), f"/admin/actions/fund/user:{customer.id}/"
    fill_in(console, path, amount="5", reason=REASON)
    assert balance(customer) == 500
    assert console.get(path).headers["Location"] == f"/admin/actions/fund/{wallet_of(customer)}/"


def test_a_second_person_approves_and_the_maker_cannot(app, people):
    maker, checker, customer = people.admin(), people.admin(), people.client()
    at_maker, at_checker = signed_in(app, maker), signed_in(app, checker)
    path = f"/admin/actions/fund/{wallet_of(customer)}/"
    line = fill_in(at_maker, path, amount=ABOVE, reason=REASON).headers["Location"]
    asked = at_maker.get(line).text
    assert "another member of staff has to approve" in asked
    assert "Withdraw my request" in asked
    assert "/approve/" not in asked
    # A form made by hand, from this session and from another one of the same person.
    for console in (at_maker, signed_in(app, maker)):
        for decide in ("approve", "reject"):
            console.post(f"{line}{decide}/", note="It is fine")
    assert "You cannot decide on your own request" in at_maker.get(line).text
    assert (only_line().status, balance(customer)) == ("waiting", 0)
    waiting = at_checker.get("/admin/approvals/").text
    assert line in waiting
    assert REASON in waiting
    people.fund(customer, 100)
    fresh = at_checker.get(line).text
    assert "When asked" in fresh
    assert ">INR 1.00<" in fresh
    at_checker.post(f"{line}approve/", note="Seen the receipt")
    assert (only_line().status, only_line().checker, balance(customer)) == ("done", checker.id, 1_000_101)
    assert "Nothing waits" in at_checker.get("/admin/approvals/").text
    assert "Seen the receipt" in at_checker.get(line).text
    at_checker.post(f"{line}approve/")
    assert "waits no longer" in at_checker.get(line).text
    assert balance(customer) == 1_000_101


def test_rejecting_needs_a_note_and_a_maker_may_withdraw(app, people):
    maker, checker, customer = people.admin(), people.admin(), people.client()
    first, second = (act(maker, "fund", wallet_of(customer), amount=ABOVE).id for _ in range(2))
    at_checker, at_maker = signed_in(app, checker), signed_in(app, maker)
    at_checker.post(f"/admin/actions/line/{first}/reject/", note="")
    assert "Say why" in at_checker.get(f"/admin/actions/line/{first}/").text
    at_checker.post(f"/admin/actions/line/{first}/reject/", note="No receipt")
    at_checker.post(f"/admin/actions/line/{second}/withdraw/")
    assert [StaffAction.get(key).status for key in (first, second)] == ["rejected", "waiting"]
    at_maker.post(f"/admin/actions/line/{second}/withdraw/")
    assert StaffAction.get(second).note == "withdrawn"
    assert balance(customer) == 0


def test_a_refusal_at_approval_is_told(app, people):
    customer = people.client()
    people.fund(customer, 1_000_001)
    asked = act(people.admin(), "debit", wallet_of(customer), amount=ABOVE)
    act(people.admin(), "debit", wallet_of(customer), amount="1")
    console = signed_in(app, people.admin())
    console.post(f"/admin/actions/line/{asked.id}/approve/")
    assert "Refused: Insufficient wallet balance" in console.get(f"/admin/actions/line/{asked.id}/").text


def test_what_was_begun_is_listed_until_somebody_finishes_it(app, people):
    payment = pay(people.client())
    told("refund_delay")
    line = act(people.admin(), "refund", f"payment:{payment.id}", amount="10.00")
    console, path = signed_in(app, people.admin()), f"/admin/actions/line/{line.id}/"
    assert path in console.get("/admin/approvals/").text
    assert "Finish asks again; nothing is done twice." in console.get(path).text
    console.post(f"{path}finish/")
    assert "Under way" in console.get(path).text
    card_refunds.apply(Refund.get(line.result["refund"]), Returned(state=RefundState.COMPLETED, refund=None))
    console.post(f"{path}finish/")
    shown = console.get(path).text
    assert "Refund a payment: done." in shown
    assert line.result["refund"] in shown
    assert path not in console.get("/admin/approvals/").text


def test_staff_see_and_decide_what_their_permissions_are_for(app, people):
    clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_REWARDS.value])
    cashier = people.client(is_staff=True, staff_permissions=[Permission.HANDLE_CASH.value])
    asked = act(people.admin(), "fund", wallet_of(people.client()), amount=ABOVE)
    line = f"/admin/actions/line/{asked.id}/"
    at_clerk, at_cashier = signed_in(app, clerk), signed_in(app, cashier)
    assert at_clerk.get(line).status_code == 403
    assert asked.id not in at_clerk.get("/admin/approvals/").text
    assert at_clerk.get(f"/admin/actions/fund/{asked.subject}/").status_code == 403
    at_clerk.post(f"{line}approve/")
    assert StaffAction.get(asked.id).status == "waiting"
    assert at_clerk.get("/admin/audit/").status_code == 403
    assert asked.id in at_cashier.get("/admin/approvals/").text
    at_cashier.post(f"{line}approve/")
    assert StaffAction.get(asked.id).status == "done"


@pytest.mark.parametrize("held", [True, False])
def test_a_button_shows_to_those_who_may_press_it(app, people, held):
    rights = [Permission.MANAGE_USERS, Permission.FUND_WALLETS, *([Permission.HANDLE_CASH] if held else [])]
    clerk = people.client(is_staff=True, staff_permissions=[right.value for right in rights])
    retailer = people.retailer()
    wallet = wallet_of(retailer)
    form = f"/admin/actions/fund/{wallet}/"
    console = signed_in(app, clerk)
    assert (console.get(form).status_code == 200) is held
    for page in (f"/admin/customers/{retailer.id}/", f"/admin/wallets/details/?id={wallet.partition(':')[2]}"):
        shown = console.get(page)
        assert shown.status_code == 200
        assert (form in shown.text) is held


def test_the_audit_list_narrows_and_exports(app, people):
    admin, other, customer = people.admin(), people.admin(), people.client()
    act(admin, "fund", wallet_of(customer), amount="5", reason="First of them")
    act(other, "fund", wallet_of(people.client()), amount=ABOVE, reason="=Second of them")
    staff_actions.record(name="plan.update", subject="plan:7", actor=admin.id, address="192.0.2.9",
                         reason="Third of them", before={"price": "10.00"}, after={"price": "12.00"})
    console = signed_in(app, admin)
    expected = {"": {"First", "Second", "Third"}, f"?flt_maker={other.id}": {"Second"},
                "?flt_status=waiting": {"Second"}, "?flt_action=plan.update": {"Third"},
                f"?flt_customer={customer.id}": {"First"}, "?flt_subject=plan:7": {"Third"},
                "?search=plan:": {"Third"}, "?flt_made_from=2999-01-01": set()}
    for query, found in expected.items():
        text = console.get(f"/admin/audit/{query}").text
        assert {word for word in ("First", "Second", "Third") if f"{word} of them" in text} == found, query
    exported = console.get("/admin/audit/export/csv/").text
    assert "192.0.2.9" in exported
    assert "'=Second of them" in exported
    recorded = StaffAction.find_one({"name": "plan.update"})
    page = console.get(f"/admin/actions/line/{recorded.id}/").text
    for shown in ("Plan: update", "Third of them", "10.00", "12.00", "changed"):
        assert shown in page
    assert "<textarea" not in page


@pytest.mark.parametrize("what", ["approve", "reject", "withdraw", "finish"])
def test_no_line_is_decided_by_a_link_or_without_the_token(app, people, what):
    asked = act(people.admin(), "fund", wallet_of(people.client()), amount=ABOVE)
    console = signed_in(app, people.admin())
    path = f"/admin/actions/line/{asked.id}/{what}/"
    assert console.get(path).status_code in (404, 405)
    assert console.browser.post(path, data={"note": "It is fine"}).status_code == 400
    assert console.post(f"/admin/actions/line/nothing/{what}/").status_code == 404
    assert StaffAction.get(asked.id).status == "waiting"

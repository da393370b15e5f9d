"""Named actions: each moves what its service moves, once, with a line that says who, why, before and after."""
from datetime import timedelta

import pytest
from pymongo.errors import WriteError

from documents import clock
from documents.errors import Conflict, Forbidden, Invalid, NotFound
from documents.ids import new_uuid
from documents.permissions import Permission
from documents.staff_actions import StaffAction
from documents.users import User
from services import staff_actions
from services.ledger import InsufficientFunds
from tests.acting import ABOVE, act, balance, cash, wallet_of
from tests.parallel import breaks

REASON = "Paid at the counter"


def lines() -> int:
    return StaffAction.collection().count_documents({})


def test_funding_books_cash_and_says_what_it_looked_like_before_and_after(people):
    admin, customer = people.admin(), people.client()
    line = act(admin, "fund", wallet_of(customer), amount="250.00", reason=REASON)
    assert (line.status, line.maker, line.reason, line.amount) == ("done", admin.id, REASON, 25_000)
    assert (line.address, line.user, line.unit) == ("192.0.2.7", customer.id, "INR")
    assert (line.before["balance"], line.after["balance"]) == ("0.00", "250.00")
    assert line.result["entry"] == f"wallet.funded:{line.id}"
    assert (balance(customer), cash()) == (25_000, -25_000)
    assert breaks() == []


def test_a_customer_without_a_wallet_gets_one(people):
    customer = people.client()
    line = act(people.admin(), "fund", f"user:{customer.id}", amount="5")
    assert (line.subject, line.after["balance"]) == (f"user:{customer.id}", "5.00")
    # From then on the wallet is meant.
    assert act(people.admin(), "fund", f"user:{customer.id}", amount="5").subject == wallet_of(customer)


def test_debiting_never_overdraws(people):
    admin, customer = people.admin(), people.client()
    people.fund(customer, 10_000)
    act(admin, "debit", wallet_of(customer), amount="60.00")
    assert balance(customer) == 4_000
    with pytest.raises(InsufficientFunds):
        act(admin, "debit", wallet_of(customer), amount="40.01")
    assert (balance(customer), lines(), breaks()) == (4_000, 1, [])


def test_a_repeat_under_one_key_does_it_once_and_answers_the_same(people):
    admin, customer, key = people.admin(), people.client(), new_uuid()
    first = act(admin, "fund", wallet_of(customer), amount="10.00", key=key)
    again = act(admin, "fund", wallet_of(customer), amount="10", key=key)
    assert (again.id, again.status, again.finished_at) == (first.id, "done", first.finished_at)
    assert balance(customer) == 1_000
    for changed in ({"amount": "11.00"}, {"amount": "10.00", "reason": "Another reason"}):
        with pytest.raises(Conflict, match="sent before"):
            act(admin, "fund", wallet_of(customer), key=key, **changed)
    with pytest.raises(Conflict, match="sent before"):
        act(people.admin(), "fund", wallet_of(customer), amount="10.00", key=key)
    assert (balance(customer), lines()) == (1_000, 1)


@pytest.mark.parametrize("amount", ["", "0", "-5", "1e3", "5.001", "99999999999", "NaN", "five"])
def test_amounts_are_money(people, amount):
    customer = people.client()
    with pytest.raises(Invalid) as refused:
        act(people.admin(), "fund", wallet_of(customer), amount=amount)
    assert list(refused.value.errors) == ["amount"]
    assert (balance(customer), lines()) == (0, 0)


@pytest.mark.parametrize("reason", ["", "  a ", "x" * 501, "a\x00b"])
def test_a_reason_is_required(people, reason):
    with pytest.raises(Invalid) as refused:
        act(people.admin(), "fund", wallet_of(people.client()), amount="5", reason=reason)
    assert list(refused.value.errors) == ["reason"]
    assert lines() == 0


@pytest.mark.parametrize(("name", "subject"), [
    ("fund", "wallet:999999"), ("fund", "wallet:x"), ("fund", "wallet:"), ("fund", "planet:1"), ("rob", "wallet:{}"),
    ("debit", "reward:5f0000000000000000000000"), ("fund", "wallet:-1"), ("reverse", "entry:nothing"),
    ("refund", "payment:nothing"), ("waive_fee", "installment:1/2/3"), ("fund", f"wallet:{2**64}")])
def test_what_is_not_there_is_not_found(people, name, subject):
    with pytest.raises(NotFound):
        act(people.admin(), name, subject.format(wallet_of(people.client()).split(":")[1]), amount="5")
    assert lines() == 0


def test_who_lacks_the_permission_is_refused(people):
    clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_SUPPORT.value])
    with pytest.raises(Forbidden):
        act(clerk, "fund", wallet_of(people.client()), amount="5")
    with pytest.raises(Forbidden):
        staff_actions.form(actor=clerk, name="fund", subject=wallet_of(people.client()))
    assert lines() == 0


def test_a_closed_account_can_be_paid_out_and_not_funded(people):
    admin, customer = people.admin(), people.client()
    people.fund(customer, 1_000)
    User.change({"_id": customer.id}, {"$set": {"is_active": False}})
    with pytest.raises(Conflict, match="closed"):
        act(admin, "fund", wallet_of(customer), amount="5")
    assert act(admin, "debit", wallet_of(customer), amount="10").status == "done"


class TestAboveTheThreshold:
    def test_nothing_moves_until_somebody_else_approves(self, people):
        maker, checker, customer = people.admin(), people.admin(), people.client()
        asked = act(maker, "fund", wallet_of(customer), amount=ABOVE)
        assert (asked.status, balance(customer), cash()) == ("waiting", 0, 0)
        people.fund(customer, 500)
        done = staff_actions.approve(checker=checker, action_id=asked.id, note="Seen the receipt")
        assert (done.status, done.checker, done.note) == ("done", checker.id, "Seen the receipt")
        assert (done.before["balance"], done.after["balance"]) == ("5.00", "10005.01")
        assert (balance(customer), breaks()) == (1_000_501, [])

    def test_exactly_the_threshold_needs_nobody(self, people):
        assert act(people.admin(), "fund", wallet_of(people.client()), amount="10000.00").status == "done"

    def test_a_maker_decides_nothing_about_its_own(self, people):
        maker, customer = people.admin(), people.client()
        asked = act(maker, "fund", wallet_of(customer), amount=ABOVE)
        for decide in (lambda: staff_actions.approve(checker=maker, action_id=asked.id),
                       lambda: staff_actions.reject(checker=maker, action_id=asked.id, note="No need")):
            with pytest.raises(Forbidden, match="your own"):
                decide()
        assert (StaffAction.get(asked.id).status, balance(customer)) == ("waiting", 0)
        assert StaffAction.approve(asked.id, checker=maker.id, note="", now=clock.now()) is None
        with pytest.raises(WriteError):     # nor does a hand in the Mongo shell
            StaffAction.collection().update_one({"_id": asked.id}, {"$set": {"checker": maker.id}})

    def test_a_maker_may_withdraw(self, people):
        maker, other = people.admin(), people.admin()
        asked = act(maker, "fund", wallet_of(people.client()), amount=ABOVE)
        with pytest.raises(NotFound):
            staff_actions.withdraw(maker=other, action_id=asked.id)
        withdrawn = staff_actions.withdraw(maker=maker, action_id=asked.id)
        assert (withdrawn.status, withdrawn.note, withdrawn.checker) == ("rejected", "withdrawn", None)
        with pytest.raises(Conflict, match="waits no longer"):
            staff_actions.approve(checker=other, action_id=asked.id)

    def test_a_rejection_needs_a_note_and_is_final(self, people):
        checker, customer = people.admin(), people.client()
        asked = act(people.admin(), "fund", wallet_of(customer), amount=ABOVE)
        with pytest.raises(Invalid):
            staff_actions.reject(checker=checker, action_id=asked.id, note=" ")
        assert staff_actions.reject(checker=checker, action_id=asked.id, note="No receipt").status == "rejected"
        for decide in (staff_actions.approve, staff_actions.reject):
            with pytest.raises(Conflict):
                decide(checker=checker, action_id=asked.id, note="Changed my mind")
        assert balance(customer) == 0

    def test_the_checker_needs_the_permission_too(self, people):
        clerk = people.client(is_staff=True, staff_permissions=[Permission.MANAGE_SUPPORT.value])
        asked = act(people.admin(), "fund", wallet_of(people.client()), amount=ABOVE)
        with pytest.raises(Forbidden):
            staff_actions.approve(checker=clerk, action_id=asked.id)

    @pytest.mark.parametrize("change", [{"is_active": False}, {"user_type": 4, "is_staff": False}])
    def test_what_somebody_asked_who_is_gone_is_not_done(self, people, change):
        maker, customer = people.admin(), people.client()
        asked = act(maker, "fund", wallet_of(customer), amount=ABOVE)
        User.collection().update_one({"_id": maker.id}, {"$set": change})
        with pytest.raises(Conflict, match="no longer staff"):
            staff_actions.approve(checker=people.admin(), action_id=asked.id)
        assert (StaffAction.get(asked.id).status, balance(customer)) == ("waiting", 0)

    def test_a_maker_who_may_no_longer_fails_it(self, people):
        maker = people.client(is_staff=True, staff_permissions=[Permission.HANDLE_CASH.value])
        customer = people.client()
        asked = act(maker, "fund", wallet_of(customer), amount=ABOVE)
        User.change({"_id": maker.id}, {"$set": {"staff_permissions": [Permission.MANAGE_SUPPORT.value]}})
        failed = staff_actions.approve(checker=people.admin(), action_id=asked.id)
        assert (failed.status, balance(customer)) == ("failed", 0)

    def test_a_refusal_at_approval_fails_it_and_moves_nothing(self, people):
        customer, checker = people.client(), people.admin()
        people.fund(customer, 1_000_001)
        asked = act(people.admin(), "debit", wallet_of(customer), amount=ABOVE)
        act(people.admin(), "debit", wallet_of(customer), amount="1.00")
        failed = staff_actions.approve(checker=checker, action_id=asked.id)
        assert (failed.status, failed.checker) == ("failed", checker.id)
        assert failed.refusal == "Insufficient wallet balance"
        assert (balance(customer), breaks()) == (999_901, [])

    def test_requests_expire_after_seven_days(self, people, move_clock):
        asked = act(people.admin(), "fund", wallet_of(people.client()), amount=ABOVE)
        move_clock(timedelta(days=7, seconds=1))
        assert StaffAction.get(asked.id).shown_status(clock.now()) == "expired"
        with pytest.raises(Conflict, match="seven days"):
            staff_actions.approve(checker=people.admin(), action_id=asked.id)
        assert staff_actions.reject(checker=people.admin(), action_id=asked.id, note="Too late").status == "rejected"

    def test_a_form_tells_what_waits_already(self, people, move_clock):
        admin, customer = people.admin(), people.client()
        asked = act(admin, "fund", wallet_of(customer), amount=ABOVE)
        shown = staff_actions.form(actor=admin, name="debit", subject=wallet_of(customer))
        assert [line.id for line in shown.waiting] == [asked.id]
        move_clock(timedelta(days=8))
        assert staff_actions.form(actor=admin, name="debit", subject=wallet_of(customer)).waiting == []


class TestSplitting:
    def test_what_one_person_moves_for_a_customer_adds_up_for_a_day(self, people, move_clock):
        maker, customer = people.admin(), people.client()
        subject = wallet_of(customer)
        assert act(maker, "fund", subject, amount="6000").status == "done"
        assert act(maker, "fund", subject, amount="4000.01").status == "waiting"
        assert act(maker, "fund", subject, amount="4000").status == "done"
        assert act(maker, "debit", subject, amount="0.01").status == "waiting"
        # Other customers, other staff and other days count for themselves.
        assert act(maker, "fund", wallet_of(people.client()), amount="10000").status == "done"
        assert act(people.admin(), "fund", subject, amount="10000").status == "done"
        move_clock(timedelta(hours=24, seconds=1))
        assert act(maker, "fund", subject, amount="10000").status == "done"

    def test_other_subjects_of_the_same_customer_are_no_way_round(self, people):
        maker, customer = people.admin(), people.client()
        funded = act(maker, "fund", wallet_of(customer), amount="6000")
        assert act(maker, "reverse", f"entry:{funded.result['entry']}").status == "waiting"

    def test_what_was_refused_does_not_count(self, people):
        maker, customer = people.admin(), people.client()
        with pytest.raises(InsufficientFunds):
            act(maker, "debit", wallet_of(customer), amount="9000")
        assert act(maker, "fund", wallet_of(customer), amount="10000").status == "done"

    def test_what_others_approved_does_not_count(self, people):
        maker, customer = people.admin(), people.client()
        asked = act(maker, "fund", wallet_of(customer), amount=ABOVE)
        staff_actions.approve(checker=people.admin(), action_id=asked.id)
        assert act(maker, "fund", wallet_of(customer), amount="10000").status == "done"


def test_lines_that_are_final_stay_as_they_are(people):
    line = act(people.admin(), "fund", wallet_of(people.client()), amount="5")
    now = clock.now()
    assert StaffAction.approve(line.id, checker=1, note="", now=now) is None
    assert StaffAction.reject(line.id, checker=1, note="", now=now) is None
    assert StaffAction.withdraw(line.id, maker=line.maker, now=now) is None
    assert StaffAction.fail(line.id, refusal="no", now=now) is None
    with pytest.raises(RuntimeError):
        StaffAction.finish(line.id, now=now)
    assert staff_actions.finish(actor=people.admin(), action_id=line.id).finished_at == line.finished_at


@pytest.mark.parametrize("match", [
    {}, {"status": "done"}, {"name": "fund"}, {"maker": 1}, {"user": 3}, {"subject": "wallet:5"},
    {"subject": {"$gte": "wallet:", "$lt": "wallet:\uffff"}}, {"made_at": {"$gt": clock.now()}},
    {"name": {"$in": ["fund"]},
     "$or": [{"status": "waiting", "made_at": {"$gt": clock.now()}}, {"status": "running"}]}])
def test_whatever_the_lists_ask_an_index_answers(app, match):
    found = StaffAction.collection().find(match, sort=[("made_at", -1)], limit=25)
    assert "COLLSCAN" not in str(found.explain()["queryPlanner"]["winningPlan"])

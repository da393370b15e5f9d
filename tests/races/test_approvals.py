"""Many staff, many clicks, one effect."""
from datetime import timedelta

from documents.errors import Conflict
from documents.ids import new_uuid
from documents.ledger import LedgerEntry
from documents.payments import Payment
from documents.refunds import Refund
from documents.staff_actions import StaffAction
from documents.staff_spending import StaffSpending
from services import card_refunds, simulated_cards, staff_actions
from tests.acting import ABOVE, act, balance, wallet_of
from tests.carding import at_gateway, pay, told
from tests.parallel import breaks, together
from tests.shops import paid_by, shop


def test_twenty_approvals_of_one_request_are_one_effect(people):
    customer, checkers = people.client(), [people.admin() for _ in range(5)]
    asked = act(people.admin(), "fund", wallet_of(customer), amount=ABOVE)
    answers = together(20, lambda number: staff_actions.approve(checker=checkers[number % 5], action_id=asked.id))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 19 + ["StaffAction"]
    assert (balance(customer), LedgerEntry.collection().count_documents({})) == (1_000_001, 1)
    assert breaks() == []


def test_approvals_and_rejections_at_once_end_in_one_of_them(people):
    customer, checkers = people.client(), [people.admin() for _ in range(2)]
    asked = [act(people.admin(), "fund", wallet_of(customer), amount=ABOVE).id for _ in range(8)]

    def decide(number: int) -> StaffAction:
        action, checker = asked[number % 8], checkers[number // 8]
        if checker is checkers[0]:
            return staff_actions.approve(checker=checker, action_id=action)
        return staff_actions.reject(checker=checker, action_id=action, note="Not this time")

    won = [answer for answer in together(16, decide) if not isinstance(answer, Conflict)]
    assert sorted(line.id for line in won) == sorted(asked)
    done = StaffAction.collection().count_documents({"status": "done"})
    assert done + StaffAction.collection().count_documents({"status": "rejected"}) == 8
    assert (balance(customer), breaks()) == (1_000_001 * done, [])


def test_twenty_posts_with_one_key_are_one_effect(people):
    admin, customer, key = people.admin(), people.client(), new_uuid()
    subject = wallet_of(customer)
    answers = together(20, lambda _number: act(admin, "fund", subject, amount="10.00", key=key))
    assert {(answer.id, answer.status) for answer in answers} == {(key, "done")}
    assert (balance(customer), StaffAction.collection().count_documents({}), breaks()) == (1_000, 1, [])


def test_twenty_posts_of_a_refund_through_a_gateway_are_one_refund(people):
    admin, payment, key = people.admin(), pay(people.client()), new_uuid()
    answers = together(20, lambda _number: act(admin, "refund", f"payment:{payment.id}", amount="10.00", key=key))
    assert {answer.id for answer in answers} == {key}
    assert (Refund.collection().count_documents({}), StaffAction.get(key).status) == (1, "done")
    assert (at_gateway(), breaks()) == (1_000, [])


def test_many_who_finish_one_line_end_it_once(people, move_clock):
    admin, payment = people.admin(), pay(people.client())
    told("refund_delay")
    line = act(admin, "refund", f"payment:{payment.id}", amount="10.00")
    move_clock(timedelta(minutes=11))
    simulated_cards.hear()
    card_refunds.follow_up_due()
    assert StaffAction.get(line.id).status == "running"
    ended = together(10, lambda _number: staff_actions.finish(actor=admin, action_id=line.id))
    assert {(answer.status, answer.finished_at) for answer in ended} == {("done", ended[0].finished_at)}
    assert (Payment.get(payment.id).refunded, breaks()) == (1_000, [])


def test_halves_at_once_do_not_pass_the_threshold_together(people):
    admin, customer = people.admin(), people.client()
    subject = wallet_of(customer)
    answers = together(20, lambda _number: act(admin, "fund", subject, amount="3000.00"))
    assert sorted(answer.status for answer in answers) == ["done"] * 3 + ["waiting"] * 17
    assert balance(customer) == 900_000
    counted = StaffSpending.find_one({"_id": f"{admin.id}:user:{customer.id}"})
    assert sum(move.amount for move in counted.moves) == 900_000
    assert breaks() == []


def test_refunds_by_staff_and_by_the_shop_never_give_back_more_than_was_taken(people):
    owner, customer = people.client(), people.client()
    shop(owner)
    people.fund(customer, 10_000)
    payment = paid_by(customer, owner)
    staff = [people.admin() for _ in range(4)]
    together(12, lambda number: act(staff[number % 4], "refund", f"payment:{payment.id}", amount="30.00"))
    assert StaffAction.collection().count_documents({"status": "done"}) == 3
    assert (balance(customer), breaks()) == (9_000, [])

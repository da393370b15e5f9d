"""Recharges: what is charged, what each answer of the operator does, and what the books say then."""
from datetime import timedelta

import pytest

from documents.errors import Conflict, Invalid, NotFound
from documents.events import Event
from documents.recharges import MAX_ATTEMPTS, Recharge
from documents.users import User
from services import catalogue, ledger, recharge_janitor, recharges, wallets
from services.gateways.operators import simulated
from services.gateways.operators.base import Outcome, State
from services.idempotency import Mismatch
from services.recharge_books import CLEARING, LOSSES, OPERATOR, commission_account
from tests.catalogue import PHONE, buy, give_margin, plan
from tests.parallel import breaks

SUCCESS, FAILED = Outcome(State.SUCCESS, operator_ref="OP-1"), Outcome(State.FAILED, code="NO_SUCH_NUMBER")


@pytest.fixture
def retailer(people, fund) -> User:
    retailer = people.retailer()
    fund(retailer, "1000.00")
    return retailer


def balance(user: User) -> int:
    return wallets.wallet_of(user.id).balance


def statuses(recharge: Recharge) -> list[str]:
    return [attempt.status for attempt in recharge.attempts]


def happened(recharge: Recharge) -> list[str]:
    return [event.type for event in Event.find({"subject": f"recharge:{recharge.id}"}, sort=[("_id", 1)])]


def tell_outcome(recharge: Recharge, outcome: Outcome, number: int = 1) -> Recharge:
    return recharge_janitor.record_answer(reference=f"{recharge.transaction_id}-{number}", outcome=outcome)


def test_a_success_moves_the_price_to_the_operator(retailer):
    bought = buy(retailer, plan("199.00"))
    assert (bought.payment_status, bought.amount, bought.code) == ("success", 19900, None)
    assert balance(retailer) == 80100
    assert (ledger.balance(CLEARING), ledger.balance(OPERATOR)) == (0, 19900)
    assert happened(bought) == ["recharge.succeeded"]
    assert breaks() == []


def test_the_event_says_what_notices_need(retailer):
    bought = buy(retailer, plan("199.00"))
    event = Event.find_one({"subject": f"recharge:{bought.id}"})
    assert event.user == retailer.id
    assert event.data | {"at": "?"} == {
        "plan_title": "AIR_TEST plan", "provider_title": "Network of AIR_TEST", "phone_number": PHONE, "amount": 19900,
        "code": None, "at": "?"}


@pytest.mark.parametrize(("price", "margin", "commission", "net"), [
    ("199.00", 550, 1095, 18805), ("399.00", 700, 2793, 37107), ("199.00", 0, 0, 19900), ("199.00", 10_000, 19900, 0)])
def test_worked_examples_of_the_margin(retailer, price, margin, commission, net):
    give_margin(retailer, margin)
    bought = buy(retailer, plan(price))
    assert (bought.attempts[0].commission, bought.attempts[0].net) == (commission, net)
    assert bought.payment_status == "success"
    assert balance(retailer) == 100_000 - net
    assert breaks() == []


def test_the_distributor_earns_its_margin_less_the_retailers(people, fund):
    distributor = people.distributor()
    retailer = people.retailer(parent=distributor)
    fund(retailer, "1000.00")
    give_margin(retailer, 550)
    give_margin(distributor, 700)
    bought = buy(retailer, plan("199.00"))
    assert (bought.attempts[0].upline.user, bought.attempts[0].upline.amount) == (distributor.id, 1393 - 1095)
    assert ledger.balance(commission_account(distributor.id)) == 298
    assert ledger.balance(OPERATOR) == 18805 - 298
    assert breaks() == []


@pytest.mark.parametrize(("own", "above", "is_active"), [(700, 550, True), (550, 550, True), (550, 700, False)])
def test_nobody_above_earns(people, fund, own, above, is_active):
    distributor = people.distributor(is_active=is_active)
    retailer = people.retailer(parent=distributor)
    fund(retailer, "1000.00")
    give_margin(retailer, own)
    give_margin(distributor, above)
    assert buy(retailer, plan()).attempts[0].upline is None
    assert breaks() == []


def test_a_failure_is_paid_back_to_the_minor_unit(retailer):
    give_margin(retailer, 550)
    simulated.tell("fail")
    bought = buy(retailer, plan())
    assert (bought.payment_status, bought.code, bought.completed_at) == ("failed", "OPERATOR_DECLINED", None)
    assert balance(retailer) == 100_000
    assert (ledger.balance(CLEARING), ledger.balance(OPERATOR)) == (0, 0)
    assert happened(bought) == ["recharge.failed"]
    assert breaks() == []


def test_too_little_money_keeps_a_failed_recharge_and_moves_nothing(people):
    retailer = people.retailer()
    bought = buy(retailer, plan())
    assert (bought.payment_status, bought.code, statuses(bought)) == ("failed", "INSUFFICIENT_FUNDS", ["refused"])
    assert ledger.balance(CLEARING) == 0
    assert simulated.SimulatedOperator().status(bought.attempts[0].reference).state is State.UNKNOWN
    assert Recharge.get(bought.id).payment_status == "failed"
    assert breaks() == []


def test_somebody_without_a_wallet_has_too_little_money(people):
    assert buy(people.client(), plan()).code == "INSUFFICIENT_FUNDS"


def test_a_retry_after_funding_keeps_id_price_and_transaction_id(people, fund):
    retailer, article = people.retailer(), plan()
    first = buy(retailer, article)
    fund(retailer, "199.00")
    catalogue.change_plan(article.id, amount=99900)
    again = recharges.retry(user=retailer, recharge_id=first.id).recharge
    assert (again.id, again.transaction_id, again.amount) == (first.id, first.transaction_id, 19900)
    assert (again.payment_status, again.code, statuses(again)) == ("success", None, ["refused", "success"])
    assert again.attempts[1].reference == f"{first.transaction_id}-2"
    assert balance(retailer) == 0
    assert breaks() == []


def test_a_retry_uses_the_margins_of_its_moment(retailer):
    simulated.tell("fail", times=1)
    first = buy(retailer, plan())
    give_margin(retailer, 1000)
    again = recharges.retry(user=retailer, recharge_id=first.id).recharge
    assert [attempt.net for attempt in again.attempts] == [19900, 17910]
    assert balance(retailer) == 100_000 - 17910
    assert breaks() == []


def test_only_own_failed_recharges_can_be_retried(people, retailer):
    bought = buy(retailer, plan())
    simulated.tell("fail")
    foreign = buy(retailer, plan(identifier="SECOND"))
    with pytest.raises(NotFound, match="not eligible for retry"):
        recharges.retry(user=retailer, recharge_id=bought.id)
    with pytest.raises(NotFound, match="not eligible for retry"):
        recharges.retry(user=people.retailer(), recharge_id=foreign.id)


def test_retries_without_money_end_somewhere(people):
    retailer = people.retailer()
    bought = buy(retailer, plan())
    for _ in range(MAX_ATTEMPTS - 1):
        assert recharges.retry(user=retailer, recharge_id=bought.id).recharge.code == "INSUFFICIENT_FUNDS"
    with pytest.raises(NotFound):
        recharges.retry(user=retailer, recharge_id=bought.id)


def test_a_plan_off_sale_cannot_be_bought(retailer):
    article = plan()
    catalogue.change_provider(article.provider.id, is_active=False)
    with pytest.raises(Invalid, match="Plan not found or not active"):
        buy(retailer, article)


@pytest.mark.parametrize("behaviour", ["timeout", "lost"])
def test_an_unclear_answer_leaves_the_money_in_clearing_until_the_operator_says(retailer, move_clock, behaviour):
    simulated.tell(behaviour, times=1)
    bought = buy(retailer, plan())
    assert (bought.payment_status, ledger.balance(CLEARING)) == ("pending", 19900)
    assert breaks() == []
    assert recharge_janitor.follow_up_due() == 0
    move_clock(timedelta(minutes=1, seconds=1))
    assert recharge_janitor.follow_up_due() == 1
    settled = Recharge.get(bought.id)
    assert (settled.payment_status, statuses(settled)) == ("success", ["success"])
    assert (balance(retailer), ledger.balance(CLEARING)) == (80100, 0)
    assert breaks() == []


def test_a_silent_operator_is_asked_on_schedule_and_then_a_person(retailer, move_clock):
    simulated.tell("silent")
    bought = buy(retailer, plan())
    asked = []
    for minute in range(0, 26 * 60):
        move_clock(timedelta(minutes=minute, seconds=30))
        asked += [minute] * recharge_janitor.follow_up_due()
    assert asked == [1, 5, 15, *(60 * hour for hour in range(1, 25))]
    waiting = Recharge.get(bought.id)
    assert (waiting.payment_status, waiting.needs_attention, waiting.next_check_at) == ("pending", True, None)
    assert ledger.balance(CLEARING) == 19900
    tell_outcome(bought, Outcome(State.PENDING))
    assert happened(bought) == ["recharge.needs_attention"]
    assert breaks() == []


@pytest.mark.parametrize(("decision", "status", "left"), [
    (State.SUCCESS, "success", 80100), (State.FAILED, "failed", 100_000)])
def test_a_person_decides_once(retailer, decision, status, left):
    simulated.tell("silent")
    bought = buy(retailer, plan())
    resolved = recharge_janitor.resolve(recharge_id=bought.id, outcome=decision, actor=1, reason="They phoned")
    assert (resolved.payment_status, balance(retailer)) == (status, left)
    with pytest.raises(Conflict):
        recharge_janitor.resolve(recharge_id=bought.id, outcome=decision, actor=1, reason="again")
    with pytest.raises(Invalid):
        recharge_janitor.resolve(recharge_id=bought.id, outcome=State.UNCLEAR, actor=1, reason="?")
    assert breaks() == []


def test_answers_may_come_twice(retailer):
    bought = buy(retailer, plan())
    for _ in range(3):
        tell_outcome(bought, SUCCESS)
    assert happened(bought) == ["recharge.succeeded"]
    assert balance(retailer) == 80100
    assert breaks() == []


def test_a_late_success_is_charged_again_once(retailer):
    simulated.tell("late")
    bought = buy(retailer, plan())
    assert (bought.payment_status, balance(retailer)) == ("failed", 100_000)
    for _ in range(3):
        settled = tell_outcome(bought, SUCCESS)
    assert (settled.payment_status, statuses(settled), settled.code) == ("success", ["late"], None)
    assert (balance(retailer), ledger.balance(OPERATOR)) == (80100, 19900)
    assert happened(bought) == ["recharge.failed", "recharge.succeeded", "recharge.late_success"]
    assert breaks() == []


def test_a_late_success_that_nobody_can_pay_is_a_loss(people, fund):
    retailer, article = people.retailer(), plan()
    fund(retailer, "199.00")
    simulated.tell("late", times=1)
    bought = buy(retailer, article)
    buy(retailer, article, phone="+919812300000")
    settled = tell_outcome(bought, SUCCESS)
    assert (settled.payment_status, statuses(settled)) == ("success", ["lost"])
    assert (balance(retailer), ledger.balance(LOSSES), ledger.balance(OPERATOR)) == (0, -19900, 39800)
    with pytest.raises(NotFound):
        recharges.retry(user=retailer, recharge_id=bought.id)
    assert breaks() == []


@pytest.mark.parametrize("second", ["succeed", "silent"])
def test_a_first_attempt_delivered_beside_a_second_is_a_loss(retailer, second):
    simulated.tell(second)
    simulated.tell("late", times=1)
    bought = buy(retailer, plan())
    recharges.retry(user=retailer, recharge_id=bought.id)
    for _ in range(2):
        settled = tell_outcome(bought, SUCCESS)
    assert statuses(settled)[0] == "lost"
    assert (balance(retailer), ledger.balance(LOSSES)) == (80100, -19900)
    assert breaks() == []


def test_a_second_attempt_that_fails_beside_a_lost_one_counts_as_delivered(retailer):
    simulated.tell("silent")
    simulated.tell("late", times=1)
    bought = buy(retailer, plan())
    recharges.retry(user=retailer, recharge_id=bought.id)
    tell_outcome(bought, SUCCESS)
    settled = tell_outcome(bought, FAILED, number=2)
    assert (settled.payment_status, statuses(settled)) == ("success", ["lost", "failed"])
    assert balance(retailer) == 100_000
    assert breaks() == []


def test_a_delivery_taken_back_is_only_noted(retailer):
    bought = buy(retailer, plan())
    for _ in range(2):
        settled = tell_outcome(bought, FAILED)
    assert (settled.payment_status, settled.attempts[0].contradicted) == ("success", True)
    assert happened(bought) == ["recharge.succeeded", "recharge.contradicted"]
    assert balance(retailer) == 80100
    assert breaks() == []


def test_nobody_reports_on_what_was_never_submitted(people):
    bought = buy(people.retailer(), plan())
    with pytest.raises(NotFound):
        tell_outcome(bought, SUCCESS)
    for reference in ("", "TXN", "TXN-0000000000-1", f"{bought.transaction_id}-2", bought.transaction_id):
        with pytest.raises(NotFound):
            recharge_janitor.record_answer(reference=reference, outcome=SUCCESS)


def test_a_key_is_one_recharge(retailer):
    article = plan()
    first = recharges.purchase(user=retailer, plan_id=article.id, phone_number=PHONE, payment_method="wallet", key="k")
    second = recharges.purchase(user=retailer, plan_id=article.id, phone_number=PHONE, payment_method="wallet", key="k")
    assert (first.replayed, second.replayed) == (False, True)
    assert first.recharge.id == second.recharge.id
    assert balance(retailer) == 80100
    with pytest.raises(Mismatch):
        buy(retailer, article, key="k", phone="+919812300000")


def test_a_key_answers_also_after_the_plan_is_gone_and_the_wallet_empty(people):
    retailer, article = people.retailer(), plan()
    first = buy(retailer, article, key="k")
    catalogue.change_plan(article.id, is_active=False)
    assert buy(retailer, article, key="k").id == first.id


def test_two_people_may_use_the_same_key(people, retailer, fund):
    other, article = people.retailer(), plan()
    fund(other, "1000.00")
    assert buy(retailer, article, key="k").id != buy(other, article, key="k").id


def test_a_key_carries_on_what_was_left_behind(retailer):
    article = plan()
    simulated.tell("timeout", times=1)
    assert buy(retailer, article, key="k").payment_status == "pending"
    assert buy(retailer, article, key="k").payment_status == "success"
    assert balance(retailer) == 80100
    assert breaks() == []


def test_a_retry_with_a_key_is_one_attempt(retailer):
    simulated.tell("fail", times=1)
    bought = buy(retailer, plan())
    first = recharges.retry(user=retailer, recharge_id=bought.id, key="k")
    second = recharges.retry(user=retailer, recharge_id=bought.id, key="k")
    assert (first.replayed, second.replayed) == (False, True)
    assert statuses(second.recharge) == ["failed", "success"]
    with pytest.raises(Mismatch):
        recharges.retry(user=retailer, recharge_id=bought.id + 1, key="k")

"""Many hands on one wallet, one key, one retry, one outcome, one commission."""
from collections import Counter

import pytest

from documents.errors import NotFound
from documents.recharges import Recharge
from services import commissions, ledger, recharge_janitor, recharges, wallets
from services.gateways.operators import simulated
from services.gateways.operators.base import Outcome, State
from services.idempotency import InProgress
from services.recharge_books import CLEARING, LOSSES, OPERATOR, commission_account
from tests.catalogue import buy, earning_chain, plan
from tests.parallel import breaks, together


def balance(user) -> int:
    return wallets.wallet_of(user.id).balance


def test_a_hundred_purchases_from_money_for_twenty_nine(people, fund):
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    results = together(100, lambda _n: buy(retailer, article).payment_status)
    assert Counter(results) == {"success": 29, "failed": 71}
    assert balance(retailer) == 0
    assert (ledger.balance(CLEARING), ledger.balance(OPERATOR)) == (0, 29000)
    assert breaks() == []


def test_twenty_calls_with_one_key_are_one_purchase(people, fund):
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    results = together(20, lambda _n: buy(retailer, article, key="same"))
    answers = [result.id for result in results if isinstance(result, Recharge)]
    assert len(set(answers)) == 1
    assert all(isinstance(result, (Recharge, InProgress)) for result in results)
    assert Recharge.collection().count_documents({}) == 1
    assert balance(retailer) == 28000
    assert breaks() == []


def test_twenty_calls_with_one_key_and_no_money_are_one_purchase(people):
    retailer, article = people.retailer(), plan("10.00")
    results = together(20, lambda _n: buy(retailer, article, key="same").id)
    assert len(set(results)) == 1
    assert Recharge.collection().count_documents({}) == 1


def test_twenty_retries_are_one_attempt(people, fund):
    retailer, article = people.retailer(), plan("10.00")
    bought = buy(retailer, article)
    fund(retailer, "290.00")
    results = together(20, lambda _n: recharges.retry(user=retailer, recharge_id=bought.id))
    assert sum(isinstance(result, recharges.Answer) for result in results) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 19
    assert balance(retailer) == 28000
    assert breaks() == []


def test_two_outcomes_at_once_leave_one(people, fund):
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    simulated.tell("silent")
    bought = [buy(retailer, article) for _ in range(10)]
    said = [Outcome(State.SUCCESS), Outcome(State.FAILED)]

    def report(number: int) -> Recharge:
        return recharge_janitor.record_answer(
            reference=bought[number // 4].attempts[0].reference, outcome=said[number % 2])

    assert all(isinstance(result, Recharge) for result in together(40, report))
    ended = [Recharge.get(recharge.id) for recharge in bought]
    assert {recharge.payment_status for recharge in ended} == {"success"}
    assert ledger.balance(CLEARING) == 0
    assert balance(retailer) == 29000 - 10 * 1000
    assert breaks() == []


def test_one_late_success_told_by_many_is_charged_once(people, fund):
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    simulated.tell("late")
    bought = buy(retailer, article)
    together(20, lambda _n: recharge_janitor.record_answer(
        reference=bought.attempts[0].reference, outcome=Outcome(State.SUCCESS)))
    assert (balance(retailer), ledger.balance(OPERATOR), ledger.balance(LOSSES)) == (28000, 1000, 0)
    assert breaks() == []


def test_a_retry_against_a_late_success_never_pays_twice(people, fund):
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    simulated.tell("late", times=10)
    bought = [buy(retailer, article) for _ in range(10)]

    def act(number: int) -> object:
        recharge = bought[number // 2]
        if number % 2:
            return recharges.retry(user=retailer, recharge_id=recharge.id)
        return recharge_janitor.record_answer(
            reference=recharge.attempts[0].reference, outcome=Outcome(State.SUCCESS))

    together(20, act)
    assert {Recharge.get(recharge.id).payment_status for recharge in bought} == {"success"}
    assert balance(retailer) == 29000 - 10 * 1000
    assert breaks() == []


def test_many_janitors_ask_about_each_recharge_once(people, fund, move_clock):
    retailer, article = people.retailer(), plan("10.00")
    fund(retailer, "290.00")
    simulated.tell("timeout")
    bought = [buy(retailer, article) for _ in range(12)]
    move_clock(recharge_janitor.LEASE * 2)
    asked = together(6, lambda _n: recharge_janitor.follow_up_due())
    assert sum(asked) == 12
    assert {Recharge.get(recharge.id).payment_status for recharge in bought} == {"success"}
    assert breaks() == []


@pytest.fixture
def chain(people):
    return earning_chain(people)


def test_many_folders_fold_each_commission_once(chain):
    distributor, retailer = chain
    article = plan("10.00")
    for _ in range(10):
        buy(retailer, article)
    folded = together(8, lambda _n: commissions.fold(user_id=distributor.id))
    assert sum(folded) == 1000
    assert (balance(distributor), ledger.balance(commission_account(distributor.id))) == (1000, 0)
    assert breaks() == []


def test_folding_while_commissions_arrive_loses_and_doubles_none(chain):
    distributor, retailer = chain
    article = plan("10.00")
    together(16, lambda n: buy(retailer, article) if n % 2 else commissions.fold(user_id=distributor.id))
    commissions.fold_all()
    assert (balance(distributor), ledger.balance(commission_account(distributor.id))) == (800, 0)
    assert breaks() == []

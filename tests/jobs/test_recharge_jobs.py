"""The jobs around recharges, and the command that directs the simulated operator."""
from datetime import timedelta

import pytest

import jobs.recharges
from documents.recharges import Recharge
from jobs.schedule import SCHEDULE
from services import wallets
from services.gateways.operators import simulated
from services.recharge_delivery import FIRST_CHECK
from tests.catalogue import buy, earning_chain, plan
from tests.parallel import breaks


@pytest.fixture
def chain(people):
    return earning_chain(people)


def test_every_job_is_on_the_schedule_and_safe_to_run_on_nothing(app):
    scheduled = {row.function for row in SCHEDULE}
    for job in (jobs.recharges.follow_up, jobs.recharges.fold_commissions, jobs.recharges.hear_simulator):
        assert f"jobs.recharges.{job.__name__}" in scheduled
        job()


def test_pending_recharges_are_followed_up(chain, move_clock):
    simulated.tell("timeout", times=1)
    bought = buy(chain[1], plan("10.00"))
    move_clock(FIRST_CHECK + timedelta(seconds=1))
    jobs.recharges.follow_up()
    assert Recharge.get(bought.id).payment_status == "success"
    assert breaks() == []


def test_after_days_off_each_is_asked_about_once_and_handed_over(chain, move_clock):
    simulated.tell("silent")
    bought = [buy(chain[1], plan(str(price), identifier=str(price))) for price in (10, 20)]
    move_clock(timedelta(days=3))
    jobs.recharges.follow_up()
    assert all(Recharge.get(recharge.id).needs_attention for recharge in bought)


def test_commissions_reach_the_wallet(chain):
    buy(chain[1], plan("10.00"))
    jobs.recharges.fold_commissions()
    assert wallets.wallet_of(chain[0].id).balance == 100


def test_a_simulated_operator_is_heard(chain):
    simulated.tell("late", times=1)
    simulated.tell("twice", times=1)
    simulated.tell("revoke", times=1)
    bought = [buy(chain[1], plan(str(price), identifier=str(price))) for price in (1, 2, 3)]
    assert [recharge.payment_status for recharge in bought] == ["success", "success", "failed"]
    jobs.recharges.hear_simulator()
    assert [Recharge.get(recharge.id).attempts[0].status for recharge in bought] == ["success", "success", "late"]
    assert Recharge.get(bought[0].id).attempts[0].contradicted
    assert breaks() == []


def test_the_command_directs_the_simulator(app, chain):
    run = app.test_cli_runner().invoke
    told = run(args=["operators", "simulate", "fail", "--next", "1", "--phone", "98123 45678"])
    assert (told.exit_code, told.output) == (0, "The simulated operator will fail.\n")
    article = plan("10.00")
    assert [buy(chain[1], article).payment_status for _ in range(2)] == ["failed", "success"]
    run(args=["operators", "simulate", "fail"])
    run(args=["operators", "simulate", "forget"])
    assert buy(chain[1], article).payment_status == "success"
    assert run(args=["operators", "simulate", "explode"]).exit_code == 2
    assert run(args=["operators", "simulate", "fail", "--phone", "x"]).exit_code == 2
    assert run(args=["operators", "simulate", "fail", "--next", "0"]).exit_code == 2

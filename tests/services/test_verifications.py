"""Proofs of the books are kept, run one at a time, and once a night."""
from datetime import UTC, datetime, timedelta

import pytest

from documents import clock
from documents.staff_actions import StaffAction
from documents.verifications import LEASE, Verification
from documents.wallets import Wallet
from services import verifications
from services.verification import CHECKS, Check
from services.verifications import AlreadyProving
from tests.parallel import together

NIGHT = datetime(2031, 3, 4, 21, 0, tzinfo=UTC)
"""Half past two in the shop's zone."""
DAY = NIGHT + timedelta(hours=12)
A_LEASE = LEASE + timedelta(seconds=1)


def stand_at(moment):
    clock.shift(moment - datetime.now(UTC))


@pytest.fixture(autouse=True)
def by_day(app):
    """Whatever time it is where the tests run, no night orders a proof by itself."""
    stand_at(DAY)


def order(people):
    return verifications.order(actor=people.admin(), address="192.0.2.7")


def test_an_order_is_carried_out_and_kept_with_what_it_found(people, fund):
    fund(people.retailer(), "10.00")
    ordered = order(people)
    verifications.run_due()
    kept = Verification.latest()
    assert kept.id == ordered.id
    assert (kept.ok, kept.breaks, kept.counted["entries"]) == (True, 0, 1)
    assert [check.name for check in kept.checks] == [check.name for check in CHECKS]
    assert Verification.open() is None
    line = StaffAction.find_one({"name": "ledger.verify"})
    assert (line.subject, line.address) == (f"verification:{ordered.id}", "192.0.2.7")


def test_a_break_is_named(people, fund):
    user = people.retailer()
    fund(user, "10.00")
    Wallet.collection().update_one({"owner": user.id}, {"$inc": {"balance": 5}})
    order(people)
    verifications.run_due()
    kept = Verification.latest()
    broken = [check for check in kept.checks if check.breaks]
    assert (kept.ok, kept.breaks) == (False, sum(check.breaks for check in broken))
    assert broken[0].lines[0]


def test_of_many_who_order_at_once_one_does_and_one_worker_carries_it_out(people, monkeypatch):
    runs = []

    def all_is_well():
        runs.append(1)
        yield from ()

    monkeypatch.setattr("services.verification.CHECKS", [Check("all is well", all_is_well)])
    admin = people.admin()

    def ask(_number):
        return verifications.order(actor=admin, address="")

    refused = [error for error in together(8, ask) if isinstance(error, Exception)]
    assert len(refused) == 7
    assert all(isinstance(error, AlreadyProving) for error in refused)
    together(8, lambda _number: verifications.run_due())
    assert runs == [1]
    assert StaffAction.collection().count_documents({}) == 1


def test_a_night_has_one_proof_however_many_schedulers_ask(people):
    stand_at(NIGHT)
    for _ in range(3):
        verifications.run_due()
    assert [row.id for row in Verification.find({})] == ["night-2031-03-05"]
    stand_at(DAY)
    verifications.run_due()
    assert Verification.collection().count_documents({}) == 1
    stand_at(NIGHT + timedelta(days=1))
    verifications.run_due()
    assert Verification.collection().count_documents({}) == 2


def test_a_worker_that_died_is_followed_by_another_and_cannot_come_back(people):
    order(people)
    dead = Verification.claim(clock.now())
    verifications.run_due()
    assert Verification.latest() is None
    stand_at(DAY + A_LEASE)
    verifications.run_due()
    assert Verification.latest().ok
    dead.finish({"ok": False})
    assert Verification.latest().ok


def test_after_three_deaths_it_is_given_up_and_says_so(people):
    order(people)
    for number in range(3):
        stand_at(DAY + (number + 1) * A_LEASE)
        assert Verification.claim(clock.now()) is not None
    stand_at(DAY + 4 * A_LEASE)
    verifications.run_due()
    kept = Verification.latest()
    assert kept.ok is False
    assert "none came to the end" in kept.error


def test_the_command_keeps_what_it_found_and_does_not_wait_for_others(app, people):
    order(people)
    done = app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert done.exit_code == 0
    kept = Verification.latest()
    assert (kept.origin, kept.ok, len(kept.checks)) == ("command", True, len(CHECKS))

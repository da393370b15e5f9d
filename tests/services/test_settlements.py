"""Settlements: each payment in exactly one, by the merchant's cycle, and never more than is due."""
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config import settings
from documents import clock
from documents.errors import NotFound
from documents.merchants import Cycle
from documents.payments import Method, Payment
from documents.settlements import Settlement
from services import ledger, merchants, pos_refunds, settlement_cycles, settlements
from services.settlements import AlreadyPaid, ExceedsReceivable
from tests.parallel import breaks
from tests.shops import receivable, shop, take, till

INSTANT = {"settlement_cycle": "INSTANT"}


@pytest.fixture
def later(move_clock):
    """`later(days=1)` moves the clock on from the real time."""
    return lambda **span: move_clock(timedelta(**span))


def all_of(merchant) -> list[Settlement]:
    return list(Settlement.find({"merchant": merchant.id}, sort=[("created_at", 1)]))


def test_an_instant_merchant_is_settled_at_once_and_once(people, later):
    owner = people.client()
    merchant = shop(owner, settings=INSTANT)
    payments = [take(owner, "10.00") for _ in range(3)]
    later(seconds=1)
    assert (settlement_cycles.close_due(), settlement_cycles.close_due()) == (1, 0)
    (closed,) = all_of(merchant)
    assert (closed.amount, closed.gross, closed.payment_count, closed.status) == (3_000, 3_000, 3, "PENDING")
    assert {Payment.get(payment.id).settlement for payment in payments} == {closed.id}
    assert (receivable(merchant), ledger.balance(f"payable:{merchant.id}")) == (0, 3_000)
    assert breaks() == []


@pytest.mark.parametrize(("cycle", "days"), [("T+1", 1), ("T+2", 2)])
def test_a_cycle_closes_when_enough_midnights_have_passed(people, later, cycle, days):
    owner = people.client()
    merchant = shop(owner, settings={"settlement_cycle": cycle})
    take(owner)
    later(days=days - 1)
    assert settlement_cycles.close_due() == 0
    later(days=days)
    assert settlement_cycles.close_due() == 1
    assert all_of(merchant)[0].amount == 10_000
    assert breaks() == []


def test_midnight_is_that_of_the_business_time_zone(app):
    now = datetime(2026, 3, 10, 18, 31, tzinfo=UTC)     # 00:01 on the 11th in Kolkata
    assert settings.current().timezone.key == "Asia/Kolkata"
    assert settlement_cycles.cutoff(Cycle.T1, now) == datetime(2026, 3, 10, 18, 30, tzinfo=UTC)
    assert settlement_cycles.cutoff(Cycle.T2, now) == datetime(2026, 3, 9, 18, 30, tzinfo=UTC)
    assert settlement_cycles.cutoff(Cycle.INSTANT, now) == now


def test_fee_cash_and_refunds_are_taken_off(people, later, monkeypatch):
    monkeypatch.setattr(settings, "_current", settings_with_fee(250))
    owner = people.client()
    merchant = shop(owner, settings=INSTANT)
    take(owner, "100.00", Method.UPI)
    cash = take(owner, "33.30", Method.CASH)
    pos_refunds.refund(user=owner, payment_id=cash.id, amount=1_000)
    later(seconds=1)
    settlement_cycles.close_due()
    (closed,) = all_of(merchant)
    assert (closed.gross, closed.refunds, closed.collected_in_cash) == (13_330, 1_000, 2_330)
    assert closed.fee == 333          # 2.5 % of 133.30 is 3.3325
    assert closed.amount == 13_330 - 1_000 - 2_330 - 333
    assert (receivable(merchant), till(merchant), ledger.balance("fees")) == (0, 0, 333)
    assert breaks() == []


def settings_with_fee(basis_points: int):
    return replace(settings.current(), settlement_fee_basis_points=basis_points)


def test_a_refund_after_the_settlement_reduces_the_next(people, later):
    owner = people.client()
    merchant = shop(owner, settings=INSTANT)
    first = take(owner)
    later(seconds=1)
    settlement_cycles.close_due()
    pos_refunds.refund(user=owner, payment_id=first.id)
    assert receivable(merchant) == -10_000
    later(seconds=2)
    settlement_cycles.close_due()
    take(owner, "130.00")
    later(seconds=3)
    settlement_cycles.close_due()
    _, carried, last = all_of(merchant)
    assert (carried.amount, carried.status, carried.carried_forward) == (0, "CARRIED", -10_000)
    assert (last.brought_forward, last.amount) == (-10_000, 3_000)
    assert receivable(merchant) == 0
    assert breaks() == []


def test_by_hand_never_more_than_is_due_and_the_rest_is_carried(people, later):
    owner = people.client()
    merchant = shop(owner)
    take(owner)
    with pytest.raises(ExceedsReceivable):
        settlements.settle_by_hand(actor=owner, amount=10_001)
    made = settlements.settle_by_hand(actor=owner, amount=3_000)
    assert (made.amount, made.carried_forward, made.payment_count) == (3_000, 7_000, 1)
    with pytest.raises(ExceedsReceivable):
        settlements.settle_by_hand(actor=owner, amount=7_001)
    later(days=1)
    assert settlement_cycles.close_due() == 1
    assert [row.amount for row in all_of(merchant)] == [3_000, 7_000]
    assert settlement_cycles.close_due() == 0
    assert breaks() == []


def test_cash_in_hand_is_not_paid_out_again(people):
    owner = people.client()
    shop(owner)
    take(owner, "100.00", Method.CASH)
    with pytest.raises(ExceedsReceivable):
        settlements.settle_by_hand(actor=owner, amount=1)


def test_a_merchant_may_wait_for_its_own_word(people, later):
    owner = people.client()
    shop(owner, settings={"auto_settlement": False})
    take(owner)
    later(days=5)
    assert settlement_cycles.close_due() == 0


def test_paid_once_and_by_staff_only_what_exists(people):
    owner, admin = people.client(), people.admin()
    merchant = shop(owner)
    take(owner)
    made = settlements.settle_by_hand(actor=owner, amount=10_000)
    assert settlements.mark_paid(made.id, by=admin).status == "PAID"
    with pytest.raises(AlreadyPaid):
        settlements.mark_paid(made.id, by=admin)
    with pytest.raises(NotFound):
        settlements.mark_paid("nothing", by=admin)
    assert (ledger.balance(f"payable:{merchant.id}"), ledger.balance("bank")) == (0, 10_000)
    assert breaks() == []


def test_the_statement_names_every_payment_and_refund(people):
    owner = people.client()
    shop(owner)
    payments = [take(owner, "10.00"), take(owner, "20.00")]
    pos_refunds.refund(user=owner, payment_id=payments[1].id, amount=500)
    made = settlements.settle_by_hand(actor=owner, amount=2_500)
    lines = list(settlements.statement(made))
    assert [(line["type"], line["payment"], line["net"]) for line in lines] == [
        ("payment", payments[0].id, 1_000), ("payment", payments[1].id, 2_000), ("refund", payments[1].id, -500)]


def test_a_closed_shop_is_still_settled(people, later):
    owner = people.client()
    merchant = shop(owner)
    take(owner)
    merchants.close(merchant.id, viewer=owner)
    later(days=1)
    assert settlement_cycles.close_due() == 1
    assert clock.now() > all_of(merchant)[0].settlement_date


def test_more_than_fits_is_settled_in_several_and_asked_for_as_a_whole(people, later, monkeypatch):
    monkeypatch.setattr(settlements, "MOST_HELD", 2)
    owner = people.client()
    merchant = shop(owner, settings=INSTANT)
    for _ in range(5):
        take(owner, "10.00")
    first = settlements.settle_by_hand(actor=owner, amount=4_500)
    assert (first.amount, first.payment_count, first.carried_forward) == (4_500, 2, -2_500)
    with pytest.raises(ExceedsReceivable):
        settlements.settle_by_hand(actor=owner, amount=501)
    later(seconds=1)
    assert settlement_cycles.close_due() == 2
    assert [(row.payment_count, row.amount) for row in all_of(merchant)] == [(2, 4_500), (2, 0), (1, 500)]
    assert receivable(merchant) == 0
    assert breaks() == []

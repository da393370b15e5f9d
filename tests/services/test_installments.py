"""Paying instalments: the worked tables, late fees, waivers, paying all at once, and the books behind them."""
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo.errors import WriteError

from config import settings as settings_in_use
from config.settings import Settings
from documents import clock, money
from documents.errors import NotFound
from documents.ledger import LedgerEntry
from documents.purchases import Purchase, Status
from services import installments, ledger, products, purchases, wallets
from services.installment_books import MethodRefused
from services.installments import LatePaymentIncomplete, NoLateFee, NothingToPay, PaymentTooLarge
from services.ledger import InsufficientFunds
from tests.buying import booked, buy, installment
from tests.parallel import breaks

LATE = timedelta(days=31)


@pytest.fixture
def buyer(people):
    return people.client()


@pytest.fixture
def laptop(buyer) -> Purchase:
    """Two laptops, 20000.00, of which 6000.00 is paid; 7000.00 are due in 30 and in 60 days."""
    return buy(buyer, "10000.00", "6000.00", 3, quantity=2)


def pay(actor, purchase: Purchase, number: int, amount: str, **options) -> dict:
    return installments.pay(actor=actor, installment_id=purchase.installments[number - 1].id,
                            amount=money.parse(amount), **options)


def use(monkeypatch, settings: Settings, **changes: object) -> None:
    monkeypatch.setattr(settings_in_use, "_current", replace(settings, **changes))


def figures(purchase: Purchase, number: int) -> tuple[str, str, str, str]:
    """(paid, due, fee, status) as stored."""
    part = installment(purchase, number)
    return money.text(part.paid_amount), money.text(part.due_amount), money.text(part.late_fee), part.status


def test_partial_payments_add_up_and_the_last_one_closes(buyer, laptop):
    pay(buyer, laptop, 2, "2500")
    assert figures(laptop, 2) == ("2500.00", "4500.00", "0.00", "due")
    with pytest.raises(PaymentTooLarge, match="4500.00"):
        pay(buyer, laptop, 2, "4500.01")
    assert installment(laptop, 2).payment_date is None
    pay(buyer, laptop, 2, "4500")
    assert figures(laptop, 2) == ("7000.00", "0.00", "0.00", "paid")
    assert installment(laptop, 2).payment_date is not None
    with pytest.raises(NothingToPay):
        pay(buyer, laptop, 2, "0.01")
    assert booked() == {"cash": -13_000_00, "sales": 13_000_00, "late_fees": 0}
    assert breaks() == []


@pytest.mark.parametrize("amount", ["7000", "3000", "7699.99", "0.01"])
def test_a_late_payment_must_bring_the_fee(buyer, laptop, move_clock, amount):
    move_clock(LATE)
    with pytest.raises(LatePaymentIncomplete, match="7700.00"):
        pay(buyer, laptop, 2, amount)
    assert figures(laptop, 2) == ("0.00", "7000.00", "0.00", "due")


def test_a_late_payment_is_the_due_and_a_tenth_of_it(buyer, laptop, move_clock):
    move_clock(LATE)
    with pytest.raises(PaymentTooLarge, match="7700.00"):
        pay(buyer, laptop, 2, "7700.01")
    pay(buyer, laptop, 2, "7700")
    assert figures(laptop, 2) == ("7700.00", "0.00", "700.00", "paid")
    assert booked() == {"cash": -13_700_00, "sales": 13_000_00, "late_fees": 700_00}
    assert breaks() == []


def test_the_fee_is_on_what_is_left_when_it_is_late(buyer, laptop, move_clock):
    pay(buyer, laptop, 2, "1000")
    pay(buyer, laptop, 2, "1000")
    move_clock(LATE)
    with pytest.raises(LatePaymentIncomplete, match="5500.00"):
        pay(buyer, laptop, 2, "5000")
    pay(buyer, laptop, 2, "5500")
    assert figures(laptop, 2) == ("7500.00", "0.00", "500.00", "paid")
    assert breaks() == []


def test_an_odd_late_fee_is_rounded_half_up(buyer, move_clock):
    odd = buy(buyer, "100", "30", 4)
    move_clock(LATE)
    for wrong in ("25.65", "25.67"):
        with pytest.raises((LatePaymentIncomplete, PaymentTooLarge), match="25.66"):
            pay(buyer, odd, 2, wrong)
    pay(buyer, odd, 2, "25.66")
    assert figures(odd, 2) == ("25.66", "0.00", "2.33", "paid")


def test_late_begins_after_the_due_moment_and_the_days_of_grace(buyer, laptop, move_clock, monkeypatch, settings):
    move_clock(timedelta(days=30, seconds=-5))
    assert not installments.fee_due(installment(laptop, 2), laptop.purchase_date + timedelta(days=30))
    move_clock(timedelta(days=30, seconds=5))
    assert installments.fee_due(installment(laptop, 2), clock.now()) == 700_00
    use(monkeypatch, settings, installment_grace_days=2)
    assert installments.fee_due(installment(laptop, 2), laptop.purchase_date + timedelta(days=32)) == 0
    assert installments.fee_due(installment(laptop, 2), laptop.purchase_date + timedelta(days=32, seconds=1)) == 700_00


def test_instalments_are_paid_in_any_order_and_the_last_closes_the_purchase(buyer, laptop):
    pay(buyer, laptop, 3, "7000")
    assert Purchase.get(laptop.id).status == Status.DUE
    pay(buyer, laptop, 2, "7000")
    assert Purchase.get(laptop.id).status == Status.PAID


def test_the_wallet_pays_by_default_when_the_installation_says_so(people, buyer, fund, monkeypatch, settings):
    use(monkeypatch, settings, installment_default_method="wallet")
    wallets.open_wallet(owner=buyer.id)
    fund(buyer, "10000.00")
    bought = buy(buyer, "20000.00", "6000.00", 3, method=None)
    pay(buyer, bought, 2, "4000")
    with pytest.raises(InsufficientFunds):
        pay(buyer, bought, 2, "0.01")
    assert wallets.wallet_of(buyer.id).balance == 0
    assert figures(bought, 2)[0] == "4000.00"
    with pytest.raises(MethodRefused):
        pay(buyer, bought, 2, "1", method="cash")
    pay(people.admin(), bought, 2, "3000", method="bank")
    assert booked() == {"cash": -13_000_00, "sales": 13_000_00, "late_fees": 0}
    assert breaks() == []


def test_strangers_find_nothing_and_administrators_may_pay(people, buyer, laptop):
    with pytest.raises(NotFound):
        pay(people.client(), laptop, 2, "7000")
    with pytest.raises(NotFound):
        installments.pay_rest(actor=people.client(), purchase_id=laptop.id)
    pay(people.admin(), laptop, 2, "7000")
    assert figures(laptop, 2)[3] == "paid"


def test_the_rest_is_paid_in_one_call_late_fees_included(buyer, move_clock):
    bought = buy(buyer, "100", "30", 4)
    pay(buyer, bought, 2, "3.33")
    move_clock(LATE)
    paid = installments.pay_rest(actor=buyer, purchase_id=bought.id)
    assert paid.status == Purchase.get(bought.id).status == Status.PAID
    assert figures(bought, 2) == ("25.33", "0.00", "2.00", "paid")
    assert figures(bought, 4) == ("23.34", "0.00", "0.00", "paid")
    assert booked() == {"cash": -102_00, "sales": 100_00, "late_fees": 2_00}
    assert LedgerEntry.collection().count_documents({"kind": "installment.paid"}) == 2
    with pytest.raises(NothingToPay):
        installments.pay_rest(actor=buyer, purchase_id=bought.id)
    assert breaks() == []


def test_a_fee_waived_before_it_is_paid_moves_no_money(people, buyer, laptop, move_clock):
    admin, second = people.admin(), laptop.installments[1].id
    with pytest.raises(NoLateFee):
        installments.waive_fee(actor=admin, installment_id=second, reason="not late yet")
    move_clock(LATE)
    row = installments.waive_fee(actor=admin, installment_id=second, reason="flood")
    assert (row["late_fee_due"], row["amount_to_pay"]) == (0, 7_000_00)
    with pytest.raises(NoLateFee):
        installments.waive_fee(actor=admin, installment_id=second, reason="again")
    pay(buyer, laptop, 2, "7000")
    assert figures(laptop, 2) == ("7000.00", "0.00", "0.00", "paid")
    waiver = installment(laptop, 2).waiver
    assert (waiver.reason, waiver.actor) == ("flood", admin.id)
    assert booked()["late_fees"] == 0
    assert breaks() == []


def test_a_fee_waived_after_it_was_paid_is_given_back(people, buyer, laptop, fund, move_clock):
    wallets.open_wallet(owner=buyer.id)
    fund(buyer, "7700.00")
    move_clock(LATE)
    pay(buyer, laptop, 2, "7700", method="wallet")
    installments.waive_fee(actor=people.admin(), installment_id=laptop.installments[1].id, reason="our mistake")
    assert figures(laptop, 2) == ("7000.00", "0.00", "0.00", "paid")
    assert wallets.wallet_of(buyer.id).balance == 700_00
    assert ledger.balance("late_fees") == 0
    assert breaks() == []


def test_next_due_is_the_overdue_one_with_what_it_costs(buyer, laptop, move_clock):
    later = buy(buyer, "100", "30", 2)
    move_clock(LATE)
    row = installments.next_due(customer=buyer.id)
    assert row["id"] == laptop.installments[1].id
    assert (row["late_fee_due"], row["amount_to_pay"]) == (700_00, 7_700_00)
    installments.pay_rest(actor=buyer, purchase_id=laptop.id)
    installments.pay_rest(actor=buyer, purchase_id=later.id)
    with pytest.raises(NotFound):
        installments.next_due(customer=buyer.id)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_paid_and_due_and_fees_agree_with_the_ledger_whatever_is_paid_when(people, move_clock, data):
    move_clock(timedelta(0))
    before = booked()
    total, count = data.draw(st.integers(1, 50_000)), data.draw(st.integers(1, 6))
    first = total if count == 1 else data.draw(st.integers(-(-total * 3 // 10), total))
    buyer = people.client()
    article = products.create(name="Any", price=total)
    bought = purchases.buy(actor=buyer, product=article.id, first_installment_amount=first, installment_count=count)
    for day, number, share in data.draw(st.lists(
            st.tuples(st.integers(0, 200), st.integers(1, count), st.integers(1, 100)), max_size=8).map(sorted)):
        move_clock(timedelta(days=day))
        part = installment(bought, number)
        fee = installments.fee_due(part, clock.now())
        amount = part.due_amount + fee if installments.is_late(part.due_date, clock.now()) else max(
            1, part.due_amount * share // 100)
        if part.status == Status.DUE:
            installments.pay(actor=buyer, installment_id=part.id, amount=amount)
    parts = Purchase.get(bought.id).installments
    paid, due, fees = (sum(getattr(part, name) for part in parts) for name in ("paid_amount", "due_amount", "late_fee"))
    assert paid + due == total + fees
    assert all(part.due_amount >= 0 for part in parts)
    moved = {name: amount - before[name] for name, amount in booked().items()}
    assert moved == {"cash": -paid, "sales": total - due, "late_fees": fees}
    assert breaks() == []


def test_the_server_refuses_a_schedule_that_does_not_add_up(buyer, laptop):
    for change in ({"total_price": 1}, {"installments.1.due_amount": 1}, {"installments.1.due_amount": -1}):
        with pytest.raises(WriteError):
            Purchase.collection().update_one({"_id": laptop.id}, {"$set": change})


def test_verify_names_what_does_not_agree(buyer, laptop):
    pay(buyer, laptop, 2, "7000")
    reference = installment(laptop, 2).payments[0].reference
    LedgerEntry.collection().update_one({"reference": reference}, {"$set": {"reference": f"{reference}0"}})
    assert breaks() == [f"payment {reference} is (700000, 0, -700000), the ledger has None",
                        f"no payment asks for entry {reference}0"]
    Purchase.collection().update_one({"_id": laptop.id}, {"$set": {"status": "paid"}})
    assert f"purchase {laptop.id} says paid, its instalments do not" in breaks()

"""Reminders: on their days, once, in both ways; and one alone after days off."""
from dataclasses import replace
from datetime import timedelta

import pytest

from config import settings as settings_in_use
from documents import clock
from documents.messages import Message
from documents.notifications import Notification
from documents.purchases import Purchase
from jobs import reminders as job
from services import dispatch, installments, reminders
from tests.buying import buy, installment


@pytest.fixture
def bought(people, move_clock) -> Purchase:
    """23.33 are due at noon of the thirtieth day from today, by the clock of the business."""
    zone = settings_in_use.current().timezone
    noon = clock.day_start(clock.day_of(clock.now(), zone), zone) + timedelta(hours=12)
    move_clock(noon - clock.now())
    return buy(people.client(), "100", "30", 2)


@pytest.fixture
def on_day(bought, move_clock):
    """`on_day(-3)` is three days before the due day, an hour before the due time."""
    base = clock._offset

    def go(days: int) -> int:
        move_clock(base + timedelta(days=30 + days, hours=-1))
        return reminders.send_due()
    return go


def mails() -> list[str]:
    return [message.body for message in Message.find({"subject": "Installment Due Reminder"}, sort=[("_id", 1)])]


def test_they_come_on_their_days_and_on_no_others(on_day):
    assert [day for day in range(-6, 30) if on_day(day)] == [-3, -1, 0, 1, 3, 7]
    assert len(mails()) == 6
    assert Notification.collection().count_documents({"title": "Installment Due Reminder"}) == 6


def test_a_second_run_of_a_day_sends_nothing(on_day):
    assert (on_day(-1), on_day(-1)) == (1, 0)
    job.send()
    assert len(mails()) == 1


def test_a_deleted_notice_does_not_come_back(on_day):
    on_day(-1)
    Notification.collection().delete_many({})
    Message.collection().delete_many({})
    assert on_day(-1) == 0


def test_after_days_off_only_the_newest_is_sent(on_day):
    assert [on_day(2), on_day(2), on_day(3)] == [1, 0, 1]


def test_after_three_weeks_off_nothing_is_left_to_say(on_day):
    assert on_day(20) == 1
    assert on_day(22) == 0


def test_what_was_missed_for_too_long_stays_unsaid(on_day):
    assert on_day(21) == 0


def test_the_words_say_what_and_how_much(on_day):
    on_day(-1)
    on_day(1)
    before, after = mails()
    assert "₹70.00 for installment 2 of Laptop is due on" in before
    assert "a late payment costs a penalty of 10%" in before
    assert "With the late fee of ₹7.00, please pay ₹77.00." in after


def test_nobody_is_reminded_of_what_is_paid(on_day, bought, people):
    installments.pay_rest(actor=people.admin(), purchase_id=bought.id)
    assert on_day(-1) == 0


def test_a_reminder_leaves_the_schedule_as_it_was(on_day, bought):
    on_day(0)
    assert installment(bought, 2).due_amount == 70_00
    assert Purchase.get(bought.id).revision == 1


def test_the_days_are_a_setting(on_day, monkeypatch, settings):
    monkeypatch.setattr(settings_in_use, "_current",
                        replace(settings, reminder_days_before=(10,), reminder_days_after=(2,)))
    assert [day for day in range(-12, 12) if on_day(day)] == [-10, 2]


def test_an_unproven_address_gets_no_mail(people, move_clock):
    person = people.client(unproven=["email"])
    buy(person, "100", "30", 2, days_ago=30)
    assert reminders.send_due() == 1
    assert mails() == []
    assert Notification.collection().count_documents({"user": person.id}) == 1


def told(title: str) -> list[str]:
    while dispatch.dispatch_pending(limit=100):
        pass
    assert Message.collection().count_documents({"subject": title}) == Notification.collection().count_documents(
        {"title": title})
    return [notice.message for notice in Notification.find({"title": title}, sort=[("_id", 1)])]


def test_each_payment_has_a_receipt_and_the_last_one_a_word_of_thanks(people, move_clock):
    person = people.client()
    bought = buy(person, "100", "30", 3)
    installments.pay(actor=person, installment_id=bought.installments[1].id, amount=5_00)
    move_clock(timedelta(days=31))
    installments.pay_rest(actor=person, purchase_id=bought.id)
    receipts = told("Payment Receipt")
    assert ["₹30.00 for installment 1" in receipts[0], "Left to pay: ₹70.00" in receipts[0]] == [True, True]
    assert ["₹5.00 for installment 2" in receipts[1], "Left to pay: ₹65.00" in receipts[1]] == [True, True]
    assert "₹68.00 for all that was left of Laptop. It includes a late fee of ₹3.00." in receipts[2]
    assert "Your Laptop is fully paid (₹100.00)." in told("Purchase Fully Paid")[0]


def test_a_waived_fee_is_told_with_its_reason(people, move_clock):
    bought = buy(people.client(), "100", "30", 2)
    move_clock(timedelta(days=31))
    installments.waive_fee(actor=people.admin(), installment_id=bought.installments[1].id, reason="flood")
    assert "waived: flood" in told("Late Fee Waived")[0]

"""Events become notices exactly once, in order, and one that cannot holds up no other."""
from datetime import timedelta

import pytest

from documents.events import Event
from documents.ids import new_uuid
from documents.messages import Message
from documents.notification_settings import NotificationSettings
from documents.notifications import Notification
from services import dispatch, events, notifications
from services.dispatch import MAX_ATTEMPTS, dispatch_pending
from tests.parallel import together

RECHARGE = {"plan_title": "Unlimited 199", "phone_number": "+919876543210", "amount": 19900,
            "at": "2026-11-20T10:00:00+00:00"}


def recharged(user, number=1, outcome="succeeded", **data):
    return events.record(f"recharge.{outcome}", subject=f"recharge:{number}", user=user.id, **RECHARGE | data)


def told(user):
    return list(Notification.find({"user": user.id}, sort=[("_id", 1)]))


def test_a_recharge_is_told_with_its_figures(people):
    anna = people.retailer(first_name="Anna")
    event = recharged(anna, number=812)
    dispatch_pending(limit=10)
    notice, = told(anna)
    assert notice.title == "Recharge Successful for Unlimited 199"
    assert notice.message == ("Hi Anna,\n\nYour recharge was successful.\nDate: 20 Nov 2026, 15:30\n"
                              "Phone number: +919876543210\nAmount: ₹199.00")
    assert (notice.kind, notice.related_id) == ("RECHARGE", 812)
    assert Event.get(event).dispatched_at is not None


def test_somebody_without_a_first_name_is_called_by_the_mail_address(people):
    nameless = people.client(first_name="  ", email="asha@shop.example")
    recharged(nameless, outcome="failed", code="INSUFFICIENT_FUNDS")
    dispatch_pending(limit=10)
    notice, = told(nameless)
    assert notice.title == "Recharge Failed"
    assert notice.message.startswith("Hi asha,\n\n")
    assert "insufficient funds" in notice.message


@pytest.mark.parametrize(("gate", "type_"), [
    ("recharge_success", "recharge.succeeded"), ("recharge_failed", "recharge.failed"),
    ("new_user_registered", "user.registered")])
def test_each_flag_gates_its_own_notice_and_no_other(people, gate, type_):
    user = people.client()
    every = ("recharge.succeeded", "recharge.failed", "user.registered")
    notifications.change_settings(flags={gate: False})
    for name in every:
        events.record(name, subject="recharge:1", user=user.id, **RECHARGE)
    dispatch_pending(limit=10)
    assert len(told(user)) == len(every) - 1
    notifications.change_settings(flags={gate: True})
    events.record(type_, subject="recharge:1", user=user.id, **RECHARGE)
    dispatch_pending(limit=10)
    assert len(told(user)) == len(every)


def test_mail_and_sms_are_sent_as_well_when_switched_on(people):
    notifications.change_settings(flags={"email": True, "sms": True, "in_app": False})
    proven, claiming = people.client(), people.client(unproven=["email"])
    recharged(proven)
    recharged(claiming)
    dispatch_pending(limit=10)
    assert told(proven) == []
    assert {message.to for message in Message.find({})} == {proven.email, proven.phone, claiming.phone}


def test_the_defaults_hold_before_anybody_changed_a_flag(app):
    defaults = NotificationSettings.current()
    assert defaults.in_app
    assert not defaults.email
    changed = notifications.change_settings(flags={"sms": True})
    assert (changed.sms, changed.in_app, changed.maintenance_scheduled) == (True, True, False)


def test_first_changes_from_many_sides_are_all_kept(app):
    flags = ["email", "sms", "maintenance_scheduled"]
    together(3, lambda number: notifications.change_settings(flags={flags[number]: True}))
    assert all(NotificationSettings.current()[flag] for flag in flags)


def test_an_event_nobody_waits_for_is_done(app):
    event = events.record("something.else", subject="thing:1")
    assert dispatch_pending(limit=10) == 1
    assert dispatch_pending(limit=10) == 0
    assert Event.get(event).dispatched_at is not None


def test_two_dispatchers_tell_each_event_once(people, monkeypatch):
    user = people.client()

    def without_a_key_of_its_own(event):
        notifications.record_once(new_uuid(), user=user.id, kind="OTHER", title="Told", message="Again?",
                                  related_id=int(event.subject.partition(":")[2]))

    monkeypatch.setitem(dispatch.CONSEQUENCES, "recharge.succeeded", (without_a_key_of_its_own,))
    for number in range(20):
        recharged(user, number)
    results = together(4, lambda _n: dispatch_pending(limit=50))
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(notice.related_id for notice in told(user)) == list(range(20))


def test_a_broken_event_is_retried_then_parked_and_blocks_nobody(people, move_clock):
    user = people.client()
    broken = events.record("recharge.succeeded", subject="recharge:1", user=user.id)
    recharged(user, 2)
    dispatch_pending(limit=10)
    assert [notice.related_id for notice in told(user)] == [2]
    once = Event.get(broken)
    assert (once.attempts, once.error, once.dispatched_at) == (1, "KeyError: 'plan_title'", None)
    for hour in range(MAX_ATTEMPTS):
        move_clock(timedelta(hours=2 * hour))
        dispatch_pending(limit=10)
    parked = Event.get(broken)
    assert parked.attempts == MAX_ATTEMPTS
    assert parked.parked_at is not None
    assert dispatch_pending(limit=10) == 0


def test_a_dispatcher_that_dies_half_way_leaves_nothing_and_the_next_one_does_all(people, monkeypatch):
    user = people.client()
    recharged(user)

    def tell_and_die(event):
        notifications.record_once("half", user=user.id, kind="OTHER", title="Half", message="way")
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setitem(dispatch.CONSEQUENCES, "recharge.succeeded", (tell_and_die,))
        with pytest.raises(SystemExit):
            dispatch_pending(limit=10)
    assert told(user) == []
    dispatch_pending(limit=10)
    assert len(told(user)) == 1


def test_one_key_is_told_once_from_many_threads(people):
    user = people.client()
    results = together(16, lambda _n: notifications.record_once(
        "due-1", user=user.id, kind="OTHER", title="Due", message="Please pay"))
    assert sum(isinstance(result, Notification) for result in results) == 1
    assert results.count(None) == 15


def test_a_person_who_left_is_not_written_to(people):
    user = people.client(is_active=False)
    recharged(user)
    dispatch_pending(limit=10)
    assert told(user) == []

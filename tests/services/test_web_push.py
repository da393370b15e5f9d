"""Notices pushed to browsers: encrypted, signed, once each, given up when the browser is."""
from dataclasses import replace
from datetime import timedelta

import pytest

from config import settings as in_use
from documents.errors import Invalid
from documents.messages import Message
from documents.push_subscriptions import PushSubscription
from services import admin_users, dispatch, messages, notifications, vapid, web_push
from tests.browsers import Browser, push_service
from tests.parallel import together


@pytest.fixture
def service(app):
    with push_service(web_push.public_key()) as running:
        yield running


def subscribe(user, browser):
    given = browser.to_json()
    return web_push.subscribe(user=user, endpoint=given["endpoint"], **given["keys"])


def tell(user, number=1, message="₹100.00 received"):
    notifications.record_once(f"{user.id}-{number}", user=user.id, kind="PAYMENT", title="Payment Received",
                              message=message)
    dispatch.dispatch_pending(limit=50)
    messages.deliver_due()


def statuses():
    return sorted(message.status for message in Message.find({"channel": "push"}))


def test_each_browser_of_the_person_reads_the_notice_once(people, service):
    anna, ben = people.client(), people.client()
    phone, laptop, foreign = service.browser(), service.browser(), service.browser()
    for browser in (phone, laptop):
        subscribe(anna, browser)
    subscribe(ben, foreign)
    for _ in range(2):
        tell(anna)
    for browser in (phone, laptop):
        got, = browser.got
        assert (got["title"], got["body"]) == ("Payment Received", "₹100.00 received")
    assert foreign.got == []
    assert statuses() == ["sent", "sent"]


def test_a_long_notice_is_cut_to_what_push_services_take(people, service):
    anna, browser = people.client(), service.browser()
    subscribe(anna, browser)
    tell(anna, message="₹" * 2_000)
    assert browser.got[0]["body"] == "₹" * 833


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_outage_delays_it(people, service, move_clock, status):
    anna, browser = people.client(), service.browser()
    subscribe(anna, browser)
    service.answers = [status]
    tell(anna)
    assert (browser.got, statuses()) == ([], ["queued"])
    move_clock(timedelta(minutes=1))
    messages.deliver_due()
    assert (len(browser.got), statuses()) == (1, ["sent"])


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(people, service, status):
    anna, gone, here = people.client(), service.browser(), service.browser()
    subscribe(anna, gone)
    service.answers = [status]
    tell(anna)
    assert PushSubscription.collection().count_documents({}) == 0
    subscribe(anna, here)
    tell(anna, 2)
    assert (gone.got, len(here.got), statuses()) == ([], 1, ["failed", "sent"])


@pytest.mark.parametrize("status", [400, 403, 413, 307])
def test_a_refusal_is_final_and_redirects_are_not_followed(people, service, status):
    anna, browser = people.client(), service.browser()
    subscribe(anna, browser)
    service.answers = [status]
    tell(anna)
    assert (service.asked, browser.got, statuses()) == (1, [], ["failed"])
    assert PushSubscription.collection().count_documents({}) == 1


def test_a_push_service_that_is_not_there_is_tried_again(people, app):
    anna = people.client()
    subscribe(anna, Browser("http://127.0.0.1:9/push/1"))
    tell(anna)
    assert statuses() == ["queued"]


def test_a_browser_belongs_to_who_subscribed_last(people, service):
    anna, ben, browser = people.client(), people.client(), service.browser()
    first = subscribe(anna, browser)
    assert subscribe(ben, browser).id == first.id
    tell(anna)
    assert browser.got == []
    tell(ben)
    assert len(browser.got) == 1


def test_who_has_left_is_pushed_nothing(people, service):
    admin, anna, ben = people.admin(), people.client(), people.client()
    browser = service.browser()
    subscribe(anna, browser)
    kept = subscribe(ben, service.browser())
    admin_users.delete(manager=admin, user_id=anna.id)
    tell(anna)
    assert browser.got == []
    assert [one.id for one in PushSubscription.find({})] == [kept.id]


def test_one_browser_many_times_at_once_is_one_subscription(people, service):
    anna, browser = people.client(), service.browser()
    made = together(8, lambda _number: subscribe(anna, browser))
    assert len({one.id for one in made}) == 1


def test_the_oldest_browsers_go(people, service, move_clock):
    anna = people.client()
    made = []
    for number in range(web_push.MOST_BROWSERS + 2):
        move_clock(timedelta(seconds=number))
        made.append(subscribe(anna, service.browser()).id)
    assert {one.id for one in PushSubscription.find({})} == set(made[2:])


@pytest.mark.parametrize("endpoint", [
    "https://evil.example/push", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com.evil.example/x", "https://user@fcm.googleapis.com/x", "https://evilpush.apple.com/x",
    "http://169.254.169.254/latest", "http://[::1", "file:///etc/passwd", "http://a@127.0.0.1/x", "nonsense"])
def test_we_call_push_services_only(people, endpoint):
    with pytest.raises(Invalid):
        subscribe(people.client(), Browser(endpoint))


def test_known_push_services_are_accepted_and_loopback_only_outside_production(people, settings, app):
    anna = people.client()
    for endpoint in ("https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x",
                     "https://web.push.apple.com/x", "https://wns2-par02p.notify.windows.com/w/?token=x"):
        subscribe(anna, Browser(endpoint))
    in_use.use(replace(settings, app_env="production"))
    try:
        with pytest.raises(Invalid):
            subscribe(anna, Browser("http://127.0.0.1:9000/push"))
    finally:
        in_use.use(settings)


def test_the_key_is_the_installations_or_the_given_one(settings):
    derived = vapid.public_text(settings)
    assert len(derived) == 87
    assert vapid.public_text(settings) == derived
    given = replace(settings, vapid_private_key="B" * 42 + "A")
    assert vapid.public_text(given) != derived

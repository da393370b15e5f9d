"""Outgoing webhooks: signed, filtered, retried for three days, and never to private addresses."""
import dataclasses
import ipaddress
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from config import settings as settings_in_use
from documents import clock
from documents.errors import Invalid, NotFound
from documents.events import Event
from documents.webhook_deliveries import WebhookDelivery
from documents.webhook_endpoints import MAX_ENDPOINTS, WebhookEndpoint
from services import dispatch, events, webhook_delivery, webhook_endpoints
from services.gateways import webhooks
from services.merchants import MerchantRequired
from services.webhook_delivery import GIVE_UP_AFTER, JITTER, PAUSES
from services.webhook_endpoints import TooManyEndpoints
from tests.parallel import together
from tests.receiver import Receiver, listening
from tests.shops import shop, take


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def _loopback_allowed(app, settings, monkeypatch):
    monkeypatch.setattr(settings_in_use, "_current", dataclasses.replace(
        settings, webhook_allowed_networks=("127.0.0.0/8", "::1/128")))


def send() -> None:
    """Everything that is due, as the workers do."""
    while dispatch.dispatch_pending(limit=100):
        pass
    webhook_delivery.deliver_due(seconds=30)


def happen(count: int = 1, **facts) -> None:
    for _ in range(count):
        events.record("coupon.updated", subject="coupon:1", **facts)


def endpoint(user, receiver: Receiver, path: str = "/", **options) -> WebhookEndpoint:
    return webhook_endpoints.create(user=user, url=receiver.url(path), **options)


def deliveries(**match) -> list[WebhookDelivery]:
    return list(WebhookDelivery.find(match, sort=[("_id", 1)]))


def test_a_merchant_hears_of_its_own_payments_signed(people, receiver):
    owner, other = people.client(), people.client()
    merchant = shop(owner)
    shop(other)
    mine = endpoint(owner, receiver, "/mine", events=["payment.succeeded"])
    endpoint(other, receiver, "/other")
    paid = take(owner, "10.50")
    send()
    (request,) = receiver.got("/mine")
    event = request.verified(mine.secret)
    assert (event["type"], event["merchant"]) == ("payment.succeeded", merchant.id)
    assert event["data"]["subject"] == f"payment:{paid.id}"
    assert (event["data"]["amount"], event["data"]["final_amount"]) == ("10.50", "10.50")
    assert request.headers["webhook-id"] == event["id"]
    with pytest.raises(WebhookVerificationError):
        request.verified(webhook_endpoints._new_secret())
    assert receiver.got("/other") == []
    (delivery,) = deliveries(status="succeeded")
    assert [(line.status, line.error) for line in delivery.log] == [(204, None)]
    send()
    assert len(receiver.requests) == 1


def test_the_house_hears_of_everything_that_is_published_since_it_asked(people, receiver):
    happen()
    endpoint(people.admin(), receiver)
    happen(merchant=7)
    events.record("user.registered", subject="user:1")
    events.record("voucher.issued", subject="payment:2")
    send()
    assert sorted(row.type for row in deliveries()) == ["coupon.updated", "voucher.issued"]
    assert len(receiver.requests) == 2


def test_retries_go_on_for_three_days_with_one_id_and_then_the_endpoint_is_switched_off(people, receiver, move_clock):
    endpoint(people.admin(), receiver)
    receiver.answers["/"] = 500
    happen()
    send()
    waited = timedelta(0)
    for number, pause in enumerate(PAUSES, start=1):
        (delivery,) = deliveries()
        left = delivery.due_at - delivery.log[-1].at
        assert pause <= left <= pause * (1 + JITTER) + timedelta(seconds=1)
        assert len(receiver.requests) == number
        webhook_delivery.deliver_due(seconds=30)
        assert len(receiver.requests) == number     # not before its time
        waited += left + timedelta(seconds=2)
        move_clock(waited)
        webhook_delivery.deliver_due(seconds=30)
    (delivery,) = deliveries()
    assert (delivery.status, delivery.attempts, delivery.due_at) == ("failed", len(PAUSES) + 1, None)
    assert waited > GIVE_UP_AFTER == timedelta(days=3)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    off = WebhookEndpoint.get(delivery.endpoint)
    assert (off.is_active, off.disabled_reason) == (False, "failing")


def test_410_switches_the_endpoint_off_at_once_and_the_rest_is_dropped(people, receiver):
    admin = people.admin()
    gone = endpoint(admin, receiver)
    receiver.answers["/"] = 410
    happen()
    send()
    off = WebhookEndpoint.get(gone.id)
    assert (off.is_active, off.disabled_reason) == (False, "gone")
    assert Event.find_one({"type": "webhook.disabled"}).user == admin.id
    happen()
    send()
    assert len(receiver.requests) == 1
    receiver.answers.clear()
    on = webhook_endpoints.change(gone.id, viewer=admin, is_active=True)
    assert on.disabled_reason is None
    assert webhook_delivery.replay_missed(gone.id, viewer=admin, since=clock.now() - timedelta(hours=1)) == 1
    webhook_delivery.deliver_due(seconds=30)
    assert [row.status for row in deliveries()] == ["succeeded"]


def test_a_redirect_is_not_followed(people, receiver):
    endpoint(people.admin(), receiver)
    receiver.answers["/"] = 307
    happen()
    send()
    assert [request.path for request in receiver.requests] == ["/"]
    assert deliveries()[0].log[0].status == 307


def test_a_slow_receiver_delays_nobody_else(people, receiver):
    admin, all_there = people.admin(), threading.Event()

    def wait(path: str) -> None:
        if path == "/slow":
            # It answers when the others have everything: who made them wait for it would never get there.
            assert all_there.wait(9)
        elif len(receiver.got("/quick")) == 60:
            all_there.set()

    receiver.wait = wait
    endpoint(admin, receiver, "/slow")
    endpoint(admin, receiver, "/quick")
    happen(60)
    send()
    assert all_there.is_set()
    assert [row.status for row in deliveries()] == ["succeeded"] * 120
    assert all(len(row.log) == 1 for row in deliveries())


def test_five_workers_make_each_attempt_once(people, receiver):
    endpoint(people.admin(), receiver)
    happen(30)
    dispatch.dispatch_pending(limit=100)
    together(5, lambda _number: webhook_delivery.deliver_due(seconds=30))
    assert len(receiver.requests) == len({request.headers["webhook-id"] for request in receiver.requests}) == 30


def test_a_rotated_secret_signs_together_with_the_old_one_for_a_day(people, receiver, move_clock):
    admin = people.admin()
    old = endpoint(admin, receiver)
    new = webhook_endpoints.rotate(old.id, viewer=admin)
    webhook_delivery.test(old.id, viewer=admin)
    webhook_delivery.deliver_due(seconds=30)
    for secret in (old.secret, new.secret):
        assert receiver.requests[0].verified(secret)["type"] == "webhook.test"
    move_clock(timedelta(hours=25))
    webhook_delivery.test(old.id, viewer=admin)
    webhook_delivery.deliver_due(seconds=30)
    assert receiver.requests[1].verified(new.secret)
    with pytest.raises(WebhookVerificationError):
        receiver.requests[1].verified(old.secret)


def test_a_delivery_can_be_sent_again(people, receiver):
    admin = people.admin()
    endpoint(admin, receiver)
    happen()
    send()
    (delivery,) = deliveries()
    webhook_delivery.replay(str(delivery.id), viewer=admin)
    webhook_delivery.deliver_due(seconds=30)
    first, second = receiver.requests
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert len(deliveries()[0].log) == 2
    for unknown in ("x", "0" * 24):
        with pytest.raises(NotFound):
            webhook_delivery.replay(unknown, viewer=admin)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:53aa:64c:0:0:80ff:fffe"])
def test_addresses_that_are_not_public(address):
    assert not webhooks.is_allowed(ipaddress.ip_address(address))


def test_public_addresses_and_allowed_networks():
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert webhooks.is_allowed(ipaddress.ip_address(address))
    assert webhooks.is_allowed(ipaddress.ip_address("10.1.2.3"), [ipaddress.ip_network("10.1.0.0/16")])


def test_a_name_that_leads_inside_is_refused_when_it_is_connected_to(receiver):
    answer = webhooks.post(receiver.url(host="localhost"), b"{}", {})
    assert (answer.status, answer.error, receiver.requests) == (None, "the address is not public", [])


def test_one_private_address_among_public_ones_is_enough_to_refuse(receiver, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert webhooks.post("http://rebound.example/", b"{}", {}).error == "the address is not public"


def test_a_name_that_changes_between_two_looks_gets_only_one(receiver, monkeypatch):
    looks, really = [], socket.getaddrinfo

    def resolve(host: str, port: int, *more: object, **options: object) -> list:
        if host == "127.0.0.1":
            return really(host, port, *more, **options)
        looks.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(looks) == 1 else "10.9.9.9", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer = webhooks.post(receiver.url(host="shop.example"), b"{}", {}, allowed=["127.0.0.0/8"])
    assert answer.status == 204
    assert looks == ["shop.example"]
    assert receiver.requests[0].headers["Host"] == receiver.url(host="shop.example")[7:-1]


def test_nobody_there_is_an_error_in_the_log():
    assert webhooks.post("http://127.0.0.1:1/", b"{}", {}, allowed=["127.0.0.0/8"]).status is None
    assert webhooks.post("http://no.such.name.invalid/", b"{}", {}).error


@pytest.mark.parametrize("url", ["ftp://shop.example/", "http://", "shop.example", "http://u:p@shop.example/",
                                 "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/", "http://shop.example:99999/",
                                 "http://[x"])
def test_addresses_that_are_refused_from_the_start(people, url):
    with pytest.raises(Invalid):
        webhook_endpoints.create(user=people.admin(), url=url)


def test_who_may_have_endpoints_and_how_many(people):
    with pytest.raises(MerchantRequired):
        webhook_endpoints.create(user=people.client(), url="https://shop.example/")
    owner = people.client()
    shop(owner)
    with pytest.raises(Invalid):
        webhook_endpoints.create(user=owner, url="https://shop.example/", events=["user.registered"])
    made = together(MAX_ENDPOINTS + 5, lambda _n: webhook_endpoints.create(user=owner, url="https://shop.example/"))
    assert sum(isinstance(one, TooManyEndpoints) for one in made) == 5
    assert WebhookEndpoint.collection().count_documents({}) == MAX_ENDPOINTS

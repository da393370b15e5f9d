"""Subscribing browsers over HTTP: own ones only, and nothing but what a browser says."""
import pytest

from tests.browsers import Browser

PUSH = "/api/notifications/push/"


def test_subscribe_list_unsubscribe(people, as_user):
    anna, admin, stranger = as_user(people.client()), as_user(people.admin()), as_user(people.client())
    assert len(anna.get(f"{PUSH}key/").json["public_key"]) == 87
    reply = anna.post(f"{PUSH}subscriptions/", json=Browser("https://fcm.googleapis.com/fcm/send/x").to_json())
    assert (reply.status_code, reply.json["message"]) == (201, "Subscribed")
    subscription = reply.json["subscription"]
    assert set(subscription) == {"id", "endpoint", "device", "created_at"}
    assert anna.get(f"{PUSH}subscriptions/").json == [subscription]
    for other in (admin, stranger):
        assert other.get(f"{PUSH}subscriptions/").json == []
        assert other.delete(f"{PUSH}subscriptions/{subscription['id']}/").status_code == 404
    assert anna.delete(f"{PUSH}subscriptions/{subscription['id']}/").status_code == 204
    assert anna.delete(f"{PUSH}subscriptions/{subscription['id']}/").status_code == 404


@pytest.mark.parametrize("change", [
    {"endpoint": "https://evil.example/x"}, {"endpoint": {"$ne": ""}}, {"endpoint": None}, {"keys": None},
    {"keys": []}, {"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, {"keys": {"p256dh": {"$ne": 1}, "auth": 1}}])
def test_what_is_no_subscription_is_refused(people, as_user, change):
    body = Browser("https://fcm.googleapis.com/fcm/send/x").to_json() | change
    reply = as_user(people.client()).post(f"{PUSH}subscriptions/", json=body)
    assert (reply.status_code, set(reply.json["errors"])) == (400, set(change))


def test_strangers_subscribe_nothing(client):
    assert client.get(f"{PUSH}key/").status_code == 401
    assert client.post(f"{PUSH}subscriptions/", json={}).status_code == 401

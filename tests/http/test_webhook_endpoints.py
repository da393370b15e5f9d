"""Managing webhook endpoints."""
from tests.shops import shop

URL = "https://shop.example/hooks"


def test_a_merchant_manages_its_own_endpoints(people, as_user):
    owner = people.client()
    merchant = shop(owner)
    client, outsider, staff = as_user(owner), as_user(people.client()), as_user(people.admin())
    made = client.post("/api/webhooks/endpoints/", json={"url": URL, "events": ["payment.*"], "merchant": 99})
    assert (made.status_code, made.json["merchant"], made.json["secret"][:6]) == (201, merchant.id, "whsec_")
    path = f"/api/webhooks/endpoints/{made.json['id']}/"
    shown = client.get(path).json
    assert "secret" not in shown
    assert client.get("/api/webhooks/endpoints/").json["results"] == [shown]
    assert staff.get(path).json == shown
    changed = client.patch(path, json={"events": [], "is_active": False}).json
    assert (changed["events"], changed["is_active"]) == ([], False)
    assert client.post(f"{path}rotate-secret/").json["secret"] != made.json["secret"]
    queued = client.post(f"{path}test/")
    assert (queued.status_code, queued.json["delivery"]["type"]) == (202, "webhook.test")
    listed = client.get(f"{path}deliveries/?status=pending").json["results"]
    assert [row["id"] for row in listed] == [queued.json["delivery"]["id"]]
    replayed = client.post(f"/api/webhooks/deliveries/{listed[0]['id']}/replay/")
    assert (replayed.status_code, replayed.json["delivery"]["status"]) == (202, "pending")
    assert client.post(f"{path}replay/", json={"since": "2020-01-01T00:00:00Z"}).json["count"] == 0
    for method, url in (("get", path), ("patch", path), ("delete", path), ("post", f"{path}test/"),
                        ("post", f"{path}rotate-secret/"), ("get", f"{path}deliveries/")):
        assert getattr(outsider, method)(url, **({"json": {}} if method != "get" else {})).status_code == 404
    assert outsider.post(f"/api/webhooks/deliveries/{listed[0]['id']}/replay/").status_code == 404
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_bad_endpoints(people, as_user, client):
    staff = as_user(people.admin())
    for body in ({}, {"url": "x"}, {"url": "http://127.0.0.1/"}, {"url": URL, "events": "payment.*"},
                 {"url": URL, "events": ["user.*"]}):
        assert staff.post("/api/webhooks/endpoints/", json=body).status_code == 400
    assert as_user(people.client()).post("/api/webhooks/endpoints/", json={"url": URL}).status_code in (403, 404, 409)
    assert client.post("/api/webhooks/endpoints/", json={"url": URL}).status_code == 401

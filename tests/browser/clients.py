"""Clients of the API beside the browser: what staff then see at the console."""
import json
import urllib.error
import urllib.request

from tests.browser.desk import PASSWORD, Site

ANNA = "anna@purser.example"


def call(site: Site, path: str, body: dict | None = None, token: str = "") -> dict:
    """A client's call of the API."""
    asked = urllib.request.Request(f"{site.url}{path}", data=json.dumps(body).encode() if body is not None else None,
                                   headers={"Content-Type": "application/json"} | (
                                       {"Authorization": f"Bearer {token}"} if token else {}))
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def status_of(site: Site, path: str, token: str) -> int:
    """What the API answers to this token."""
    try:
        call(site, path, token=token)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return 200


def log_in(site: Site) -> dict:
    return call(site, "/api/auth/login/", {"email": ANNA, "password": PASSWORD})


def recharge(site: Site) -> dict:
    """A recharge of Anna's shop."""
    token = log_in(site)["access"]
    plan = call(site, "/api/plans/", token=token)["results"][0]["id"]
    return call(site, "/api/purchases/purchase/", {"plan_id": plan, "phone_number": "9812300009"}, token)["purchase"]

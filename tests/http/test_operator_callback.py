"""Operators report by themselves: signed, in any order, any number of times."""
import dataclasses
import json
from datetime import timedelta

import pytest

from config import settings as settings_in_use
from documents import clock
from documents.recharges import Recharge
from services.gateways.operators import signatures, simulated
from tests.catalogue import buy, plan
from tests.parallel import breaks

URL = "/api/operators/callback/"
SECRET = "an-operator-secret-of-some-length"


@pytest.fixture
def pending(people, fund, settings):
    settings_in_use.use(dataclasses.replace(settings, operator_secret=SECRET))
    retailer = people.retailer()
    fund(retailer, "1000.00")
    simulated.tell("silent")
    yield buy(retailer, plan())
    settings_in_use.use(settings)


def report(client, secret: str = SECRET, now=None, **news):
    sent = json.dumps(news).encode()
    return client.post(URL, data=sent, content_type="application/json",
                       headers=signatures.headers(secret, sent, now or clock.now()))


def test_a_report_settles_a_recharge_once(client, pending):
    for _ in range(2):
        answer = report(client, reference=pending.attempts[0].reference, status="success", operator_ref="OP-7")
        assert (answer.status_code, answer.json["message"]) == (200, "Outcome recorded")
    settled = Recharge.get(pending.id)
    assert (settled.payment_status, settled.attempts[0].operator_ref) == ("success", "OP-7")
    assert breaks() == []


def test_a_report_that_is_not_the_operators_is_refused(client, pending):
    news = {"reference": pending.attempts[0].reference, "status": "success"}
    refused = [
        report(client, secret="somebody-elses-secret", **news),
        report(client, now=clock.now() - timedelta(minutes=6), **news),
        client.post(URL, json=news), client.post(URL)]
    assert [(answer.status_code, answer.json["code"]) for answer in refused] == [(401, "bad_signature")] * 4
    assert Recharge.get(pending.id).payment_status == "pending"


def test_unset_secret_refuses_everybody(client, pending, settings):
    settings_in_use.use(dataclasses.replace(settings, operator_secret=""))
    assert report(client, secret="", reference=pending.attempts[0].reference, status="success").status_code == 401


@pytest.mark.parametrize("reference", ["TXN-0000000000-1", "x", "TXN-0000000000-²"])
def test_unknown_references_are_404(client, pending, reference):
    assert report(client, reference=reference, status="success").status_code == 404


@pytest.mark.parametrize("change", [
    {"status": "done"}, {"status": None}, {"reference": {"$ne": ""}}, {"operator_ref": 5}])
def test_bad_reports_are_400(client, pending, change):
    answer = report(client, **{"reference": pending.attempts[0].reference, "status": "success"} | change)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == list(change)

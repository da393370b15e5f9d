"""SIGKILL at every step of a card payment and of its refund: afterwards both are done once, or not at all."""
from collections.abc import Iterator
from datetime import timedelta

import pytest
from bson import Binary

from config import connections
from config.settings import Settings
from documents import clock
from documents.gateway_events import GatewayEvent
from documents.payments import Payment
from documents.refunds import Refund
from documents.vouchers import Voucher
from services import card_janitor, card_payments, card_refunds, simulated_cards
from services.gateways.payments import simulated
from tests.carding import at_gateway, open_payment, pay, told
from tests.parallel import breaks
from tests.proofs.killing import Nursery
from tests.vouchering import voucher_type

GATEWAY = "services.gateways.payments.simulated:SimulatedGateway"
OPENED = [
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
    f"before {GATEWAY}.open 1",
    f"after {GATEWAY}.open 1",
    "after documents.payments:Payment.adopt 1",
]
GIVEN = [
    f"after {GATEWAY}.fetch 1",
    "before documents.payments:Payment.advance 1",
    "after documents.payments:Payment.advance 1",
    "after documents.ledger:LedgerEntry.insert 1",
    "after services.voucher_issue:hand_out 1",
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
]
HEARD = [
    "before documents.gateway_events:GatewayEvent.create 2",
    "after documents.gateway_events:GatewayEvent.create 2",
    "after documents.payments:Payment.advance 2",
    "before documents.transactions:_commit 3",
]
APPROVED = [
    "after documents.payments:Payment.reserve_refund 1",
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
    f"before {GATEWAY}.refund 1",
    f"after {GATEWAY}.refund 1",
    "after documents.payments:Payment.finish_refund 1",
    "after documents.ledger:LedgerEntry.insert 1",
    "before documents.transactions:_commit 2",
    "after documents.transactions:_commit 2",
]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


class Counter:
    """Requests and jobs that are killed while they work."""

    def __init__(self, nursery: Nursery, settings: Settings, people) -> None:
        self.people, self.nursery = people, nursery
        self.settings = {
            "APP_ENV": "test", "SECRET_KEY": settings.secret_key, "DATA_DIR": str(settings.data_dir),
            "MONGO_URI": settings.mongo_uri, "REDIS_URL": settings.redis_url, "RATELIMIT_ENABLED": "no"}

    def dies_in_request(self, user, url: str, die: str, **body: object) -> None:
        client = self.people.client_of(user)
        client.get("/api/payments/history/")    # its first request logs it in
        token = client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        self._bury(self.nursery.run("tests.proofs.tasks:request", die=die, settings=self.settings, url=url, body=body,
                                    token=token, key="killed"))

    def dies_in_job(self, job: str, die: str) -> None:
        self._bury(self.nursery.run("tests.proofs.tasks:work", die=die, settings=self.settings, job=job))

    @staticmethod
    def _bury(session: str) -> None:
        # Not to wait until the server itself gives the dead client's transaction up.
        if session:
            connections.database().client.admin.command(
                "killSessions", [{"id": Binary(bytes.fromhex(session), subtype=4)}])


@pytest.fixture
def counter(nursery, settings, people) -> Iterator[Counter]:
    yield Counter(nursery, settings, people)
    # What only the dead have written to, nobody else cleans up.
    GatewayEvent.collection().delete_many({})


def janitors_run() -> None:
    clock.shift(timedelta(minutes=11))
    simulated_cards.hear()
    card_janitor.follow_up_due()
    card_refunds.follow_up_due()


def assert_given_once(vouchers: int) -> None:
    assert Voucher.collection().count_documents({}) == vouchers
    assert at_gateway() == 1_000 * vouchers
    assert breaks() == []


@pytest.mark.parametrize("die", OPENED)
def test_opening(counter, people, die):
    customer, type_ = people.client(), voucher_type(1_000)
    counter.dies_in_request(customer, "/api/payments/create-payment-intent/", die, voucher_type_id=type_.id)
    assert_given_once(0)
    janitors_run()
    # The client, which never heard an answer, asks again with the same key.
    answer = people.client_of(customer).post("/api/payments/create-payment-intent/", json={
        "voucher_type_id": type_.id}, headers={"Idempotency-Key": "killed"})
    assert answer.status_code == 201
    assert Payment.collection().count_documents({}) == 1
    assert Payment.find_one({}).gateway.intent == answer.json["client_secret"].partition("_secret")[0]
    assert connections.redis().hlen(simulated.INTENTS) == 1


@pytest.mark.parametrize("die", GIVEN)
def test_confirming(counter, people, die):
    customer = people.client()
    opened = open_payment(customer, quantity=2)
    counter.dies_in_request(customer, "/api/payments/confirm/", die, payment_intent_id=opened.intent.id)
    assert breaks() == []
    janitors_run()
    assert_given_once(2)
    assert card_payments.confirm(user=customer, intent_id=opened.intent.id).captured == 2_000
    assert_given_once(2)


@pytest.mark.parametrize("die", HEARD)
def test_hearing(counter, people, die):
    told("closed_tab")
    open_payment(people.client(), quantity=2)
    counter.dies_in_job("hear_cards", die)
    assert breaks() == []
    janitors_run()      # the webhook that was being heard is lost: the janitor asks instead
    assert_given_once(2)


@pytest.mark.parametrize("die", APPROVED)
def test_paying_back(counter, people, die):
    admin, customer = people.admin(), people.client()
    payment = pay(customer, quantity=2)
    asked = card_refunds.request(user=customer, payment_id=payment.id, reason="other")
    counter.dies_in_request(admin, f"/api/payments/refunds/{asked.id}/approve/", die)
    assert breaks() == []
    if Refund.get(asked.id).status == "pending":
        card_refunds.approve(actor=admin, refund_id=asked.id)
    janitors_run()
    assert Refund.get(asked.id).status == "completed"
    assert int(connections.redis().hget(simulated.RETURNED, payment.gateway.intent)) == 2_000
    assert Voucher.collection().count_documents({"cancelled_at": {"$ne": None}}) == 2
    assert (at_gateway(), breaks()) == (0, [])

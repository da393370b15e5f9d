"""SIGKILL at every step of a recharge: afterwards each has one final state, and the books are right."""
from collections.abc import Iterator
from datetime import timedelta

import pytest
from bson import Binary

from config import connections
from config.settings import Settings
from documents import clock
from documents.recharges import Recharge
from services import commissions, ledger, recharge_janitor, simulated_operator, wallets
from services.gateways.operators import simulated
from services.recharge_books import CLEARING, commission_account
from tests.catalogue import PHONE, buy, earning_chain, plan
from tests.parallel import breaks
from tests.proofs.killing import Nursery

FUNDED, PRICE, EARNED = 100_000, 1_000, 100

CHARGED = [
    "before documents.wallets:Wallet.move 1",
    "after documents.wallets:Wallet.move 1",
    "after documents.ledger:LedgerEntry.insert 1",
]
ASKED = [
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
    "before services.gateways.operators.simulated:SimulatedOperator.submit 1",
    "after services.gateways.operators.simulated:SimulatedOperator.submit 1",
]
SETTLED = [
    "before documents.transactions:_commit 2",
    "after documents.transactions:_commit 2",
]
DELIVERED = ["before documents.recharges:Recharge.deliver 1", "after documents.recharges:Recharge.deliver 1",
             "after documents.ledger:LedgerEntry.insert 2", "after documents.events:Event.insert 1"]
PAID_BACK = ["before documents.recharges:Recharge.give_up 1", "after documents.recharges:Recharge.give_up 1",
             "after documents.wallets:Wallet.move 2", "after documents.ledger:LedgerEntry.insert 2"]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


class Shop:
    """A retailer under a distributor that earns a tenth, and a process that dies while it works for them."""

    def __init__(self, nursery: Nursery, settings: Settings, people) -> None:
        self.nursery = nursery
        self.settings = {
            "APP_ENV": "test", "SECRET_KEY": settings.secret_key, "DATA_DIR": str(settings.data_dir),
            "MONGO_URI": settings.mongo_uri, "REDIS_URL": settings.redis_url, "RATELIMIT_ENABLED": "no"}
        self.distributor, self.retailer = earning_chain(people)
        self.article = plan("10.00")
        self.client = people.client_of(self.retailer)
        self.client.get("/api/purchases/history/")  # its first request logs it in
        self.token = self.client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    def dies_during_request(self, url: str, die: str, **body: object) -> None:
        self._bury(self.nursery.run("tests.proofs.tasks:request", die=die, settings=self.settings, url=url, body=body,
                                    token=self.token, key="killed"))

    def dies_during_job(self, job: str, die: str, *, seconds_later: int = 0) -> None:
        self._bury(self.nursery.run("tests.proofs.tasks:work", die=die, settings=self.settings, job=job,
                                    seconds_later=seconds_later))

    def dies_during_purchase(self, die: str) -> None:
        self.dies_during_request("/api/purchases/purchase/", die, plan_id=self.article.id, phone_number=PHONE,
                                 payment_method="wallet")

    def repeats_purchase(self) -> dict:
        """The client, which never heard an answer, asks again with the same key."""
        answer = self.client.post(
            "/api/purchases/purchase/", headers={"Idempotency-Key": "killed"},
            json={"plan_id": self.article.id, "phone_number": PHONE, "payment_method": "wallet"})
        assert answer.status_code == 201
        return answer.json["purchase"]

    def balance(self) -> int:
        return wallets.wallet_of(self.retailer.id).balance

    @staticmethod
    def _bury(session: str) -> None:
        # The server gives up the transaction of a dead client after `transactionLifetimeLimitSeconds`; not to
        # wait for that, it is told at once which one it was.
        if session:
            connections.database().client.admin.command(
                "killSessions", [{"id": Binary(bytes.fromhex(session), subtype=4)}])


@pytest.fixture
def shop(nursery, settings, people) -> Shop:
    return Shop(nursery, settings, people)


def janitor_runs(moved: timedelta = timedelta(minutes=2)) -> None:
    clock.shift(moved)
    recharge_janitor.follow_up_due()
    simulated_operator.hear()
    commissions.fold_all()


def assert_settled(shop: Shop, *, paid: int) -> None:
    """Everything is final, `paid` recharges were delivered and paid for, and the books agree."""
    assert Recharge.collection().count_documents({"payment_status": "pending"}) == 0
    assert Recharge.collection().count_documents({"payment_status": "success"}) == len(simulated.delivered()) == paid
    assert shop.balance() == FUNDED - paid * PRICE
    assert wallets.wallet_of(shop.distributor.id).balance == paid * EARNED
    assert (ledger.balance(CLEARING), ledger.balance(commission_account(shop.distributor.id))) == (0, 0)
    assert breaks() == []


@pytest.mark.parametrize("die", [*CHARGED, *ASKED, *DELIVERED, *SETTLED])
def test_a_purchase_that_succeeds(shop, die):
    shop.dies_during_purchase(die)
    assert breaks() == []
    janitor_runs()
    begun = Recharge.collection().count_documents({})
    assert_settled(shop, paid=begun)
    assert begun == (0 if die in CHARGED or die == ASKED[0] else 1)
    assert shop.repeats_purchase()["payment_status"] == "success"
    janitor_runs()
    assert_settled(shop, paid=1)


@pytest.mark.parametrize("die", [*ASKED[1:], *PAID_BACK, *SETTLED])
def test_a_purchase_that_fails(shop, die):
    simulated.tell("fail")
    shop.dies_during_purchase(die)
    assert breaks() == []
    janitor_runs()
    assert_settled(shop, paid=0)
    assert shop.repeats_purchase()["payment_status"] == "failed"
    assert Recharge.collection().count_documents({}) == 1
    assert_settled(shop, paid=0)


@pytest.mark.parametrize("die", ["after documents.recharges:Recharge.reopen 1", *ASKED, *DELIVERED, *SETTLED])
def test_a_retry(shop, die):
    simulated.tell("fail", times=1)
    failed = buy(shop.retailer, shop.article)
    shop.dies_during_request(f"/api/purchases/retry/{failed.id}/", die)
    janitor_runs()
    again = shop.client.post(f"/api/purchases/retry/{failed.id}/", headers={"Idempotency-Key": "killed"})
    assert (again.status_code, again.json["purchase"]["payment_status"]) == (200, "success")
    janitor_runs()
    assert len(Recharge.get(failed.id).attempts) == 2
    assert_settled(shop, paid=1)


@pytest.mark.parametrize("behaviour", ["timeout", "lost"])
@pytest.mark.parametrize("die", [
    "after documents.recharges:Recharge.lease 1",
    "after services.gateways.operators.simulated:SimulatedOperator.status 1",
    "before documents.transactions:_commit 1", "after documents.transactions:_commit 1"])
def test_a_janitor(shop, behaviour, die):
    simulated.tell(behaviour, times=1)
    buy(shop.retailer, shop.article)
    shop.dies_during_job("follow_up", die, seconds_later=90)
    janitor_runs(timedelta(minutes=5))
    assert_settled(shop, paid=1)


@pytest.mark.parametrize("die", ["before documents.transactions:_commit 1", "after documents.transactions:_commit 1"])
def test_a_folder(shop, die):
    buy(shop.retailer, shop.article)
    shop.dies_during_job("fold", die)
    janitor_runs()
    assert_settled(shop, paid=1)


@pytest.mark.parametrize("die", [
    "after documents.recharges:Recharge.deliver 1", "after documents.transactions:_commit 1"])
def test_a_late_success_after_a_failure(shop, die):
    simulated.tell("late")
    bought = buy(shop.retailer, shop.article)
    shop.dies_during_job("hear", die)
    # An operator whose report was not answered reports again.
    told = bought.attempts[0].reference
    recharge_janitor.record_answer(reference=told, outcome=simulated.SimulatedOperator().status(told))
    janitor_runs()
    assert_settled(shop, paid=1)

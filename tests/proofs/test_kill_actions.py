"""SIGKILL at every step of what staff do: the same form again, or Finish, brings it to one effect."""
from collections.abc import Iterator

import pytest
from bson import Binary

from app import create_app
from config import connections
from config.settings import Settings
from documents.errors import NotFound
from documents.ids import new_uuid
from documents.payments import Payment
from documents.recharges import Recharge
from documents.refunds import Refund
from documents.staff_actions import StaffAction
from documents.users import User
from services import staff_actions
from services.gateways.operators import simulated as operator
from tests.acting import ABOVE, act, balance, wallet_of
from tests.carding import at_gateway, pay
from tests.catalogue import buy, earning_chain, plan
from tests.parallel import breaks
from tests.proofs.killing import Nursery

GATEWAY = "services.gateways.payments.simulated:SimulatedGateway"
FUNDED = [
    "after documents.staff_spending:StaffSpending.take 1",
    "after documents.wallets:Wallet.move 1",
    "after documents.staff_actions:StaffAction.finish 1",
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
]
REFUNDED = [
    "after documents.payments:Payment.reserve_refund 1",
    "after documents.staff_actions:StaffAction.note_down 1",
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
    f"before {GATEWAY}.refund 1",
    f"after {GATEWAY}.refund 1",
    "after documents.payments:Payment.finish_refund 1",
    "after documents.transactions:_commit 2",
    "before documents.transactions:_commit 3",
    "after documents.transactions:_commit 3",
]
RESOLVED = [
    "after documents.transactions:_commit 1",
    "after services.gateways.operators.simulated:SimulatedOperator.status 1",
    "after documents.recharges:Recharge.give_up 1",
    "before documents.transactions:_commit 2",
    "after documents.transactions:_commit 2",
]
APPROVED = [
    "after documents.staff_actions:StaffAction.approve 1",
    "after documents.wallets:Wallet.move 1",
    "before documents.transactions:_commit 1",
    "after documents.transactions:_commit 1",
]


def perform(settings: dict[str, str], *, maker: int, name: str, subject: str, key: str, typed: dict) -> None:
    """One action in a freshly started process."""
    create_app(Settings.load(settings))
    act(User.get(maker), name, subject, key=key, **typed)


def approve(settings: dict[str, str], *, checker: int, action_id: str) -> None:
    """One approval in a freshly started process."""
    create_app(Settings.load(settings))
    staff_actions.approve(checker=User.get(checker), action_id=action_id)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def dies(nursery, settings):
    """Runs a task in a process that dies at a line."""
    known = {"APP_ENV": "test", "SECRET_KEY": settings.secret_key, "DATA_DIR": str(settings.data_dir),
             "MONGO_URI": settings.mongo_uri, "REDIS_URL": settings.redis_url, "RATELIMIT_ENABLED": "no"}

    def run(task: str, die: str, **arguments: object) -> None:
        session = nursery.run(f"tests.proofs.test_kill_actions:{task}", die=die, settings=known, **arguments)
        if session:     # not to wait until the server itself gives the dead client's transaction up
            connections.database().client.admin.command(
                "killSessions", [{"id": Binary(bytes.fromhex(session), subtype=4)}])
        assert breaks() == []

    return run


def carry_on(admin: User, key: str, again) -> StaffAction:
    """What a person does who finds it: the same form once more if nothing is in the list, else Finish."""
    try:
        StaffAction.get(key)
    except NotFound:
        return again()
    return staff_actions.finish(actor=admin, action_id=key)


@pytest.mark.parametrize("die", FUNDED)
def test_funding(dies, people, die):
    admin, customer, key = people.admin(), people.client(), new_uuid()
    subject = wallet_of(customer)
    dies("perform", die, maker=admin.id, name="fund", subject=subject, key=key, typed={"amount": "10.00"})
    assert balance(customer) == (1_000 if die == FUNDED[-1] else 0)
    for _ in range(2):
        assert act(admin, "fund", subject, key=key, amount="10.00").status == "done"
    assert (balance(customer), StaffAction.collection().count_documents({}), breaks()) == (1_000, 1, [])


@pytest.mark.parametrize("die", REFUNDED)
def test_refunding_through_a_gateway(dies, people, die):
    admin, payment, key = people.admin(), pay(people.client()), new_uuid()
    subject = f"payment:{payment.id}"
    dies("perform", die, maker=admin.id, name="refund", subject=subject, key=key, typed={"amount": "10.00"})
    done = carry_on(admin, key, lambda: act(admin, "refund", subject, key=key, amount="10.00"))
    assert (done.status, done.after["given back"]) == ("done", "10.00")
    assert act(admin, "refund", subject, key=key, amount="10.00").id == key
    assert (Refund.collection().count_documents({}), Payment.get(payment.id).refunded) == (1, 1_000)
    assert (at_gateway(), breaks()) == (1_000, [])


@pytest.mark.parametrize("die", RESOLVED)
def test_resolving_a_recharge(dies, people, die):
    admin, key = people.admin(), new_uuid()
    _, retailer = earning_chain(people)
    operator.tell("silent")
    pending = buy(retailer, plan("10.00"))
    dies("perform", die, maker=admin.id, name="resolve_recharge", subject=f"recharge:{pending.id}", key=key,
         typed={"outcome": "failed"})
    assert StaffAction.get(key).status == ("done" if die == RESOLVED[-1] else "running")
    done = staff_actions.finish(actor=people.admin(), action_id=key)
    assert (done.status, done.after["status"]) == ("done", "failed")
    assert (Recharge.get(pending.id).payment_status, balance(retailer), breaks()) == ("failed", 100_000, [])


@pytest.mark.parametrize("die", APPROVED)
def test_approving(dies, people, die):
    checker, customer = people.admin(), people.client()
    asked = act(people.admin(), "fund", wallet_of(customer), amount=ABOVE)
    dies("approve", die, checker=checker.id, action_id=asked.id)
    if StaffAction.get(asked.id).status == "waiting":
        assert balance(customer) == 0
        staff_actions.approve(checker=checker, action_id=asked.id)
    assert (StaffAction.get(asked.id).status, balance(customer), breaks()) == ("done", 1_000_001, [])

"""The ledger: balanced entries, wallets that never go below zero, exact reversals."""
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo.errors import WriteError

from documents import clock
from documents.errors import NotFound
from documents.ledger import LedgerEntry
from documents.transactions import atomic
from documents.wallets import Wallet
from services import ledger, wallets
from services.ledger import CASH, AlreadyPosted, InsufficientFunds, Leg, wallet_account
from tests.parallel import breaks


@pytest.fixture
def wallet(people) -> Wallet:
    return wallets.open_wallet(owner=people.client().id)


def put(wallet: Wallet, amount: int, reference: str) -> dict:
    account = wallet_account(wallet.id)
    return ledger.post(kind="test", reference=reference, legs=[Leg(CASH, -amount), Leg(account, amount)])


def balance_of(wallet: Wallet) -> int:
    return Wallet.get(wallet.id).balance


def test_post_moves_the_wallet_and_numbers_its_legs(wallet):
    put(wallet, 1000, "a")
    entry = put(wallet, -250, "b")
    assert balance_of(wallet) == 750
    assert {"account": wallet_account(wallet.id), "amount": -250, "balance_after": 750, "seq": 2} in entry["legs"]
    assert breaks() == []


def test_an_overdraft_moves_nothing(wallet):
    put(wallet, 1000, "a")
    with pytest.raises(InsufficientFunds):
        put(wallet, -1001, "b")
    assert (balance_of(wallet), LedgerEntry.collection().count_documents({})) == (1000, 1)


def test_a_reference_is_booked_once(wallet):
    put(wallet, 1000, "a")
    with pytest.raises(AlreadyPosted):
        put(wallet, 1000, "a")
    assert balance_of(wallet) == 1000
    assert breaks() == []


@pytest.mark.parametrize("legs", [
    [Leg(CASH, -1)], [Leg(CASH, -1), Leg("sales", 2)], [Leg(CASH, 0), Leg("sales", 0)], [Leg(CASH, 5), Leg(CASH, -5)]])
def test_legs_that_do_not_balance_are_a_bug_of_the_caller(app, legs):
    with pytest.raises(ValueError, match="legs|account"):
        ledger.post(kind="test", reference="x", legs=legs)
    assert LedgerEntry.collection().count_documents({}) == 0


def test_a_reversal_is_exact_and_happens_once(wallet):
    put(wallet, 1000, "a")
    ledger.reverse("a", reference="a:back", kind="test.reversed")
    assert balance_of(wallet) == 0
    with pytest.raises(AlreadyPosted):
        ledger.reverse("a", reference="a:again", kind="test.reversed")
    assert balance_of(wallet) == 0
    assert breaks() == []


def test_an_unknown_entry_cannot_be_reversed(app):
    with pytest.raises(NotFound):
        ledger.reverse("nothing", reference="x", kind="test.reversed")


def test_balance_at_a_time(wallet):
    put(wallet, 1000, "a")
    before = clock.now()
    clock.shift(timedelta(days=1))
    put(wallet, 500, "b")
    assert ledger.balance(wallet_account(wallet.id)) == 1500
    assert ledger.balance(wallet_account(wallet.id), at=before) == 1000
    assert ledger.balance(CASH) == -1500


def test_an_aborted_transaction_leaves_neither_balance_nor_entry(wallet):
    @atomic
    def fail_late():
        put(wallet, 1000, "a")
        raise LookupError

    with pytest.raises(LookupError):
        fail_late()
    assert (balance_of(wallet), LedgerEntry.collection().count_documents({})) == (0, 0)


class TestTheServerItself:
    """Whoever writes past the services, straight through pymongo, meets the validators."""

    def test_refuses_an_unbalanced_entry(self, app):
        row = {"kind": "x", "reference": "x", "unit": "INR", "created_at": clock.now(),
               "legs": [{"account": "cash", "amount": -5}, {"account": "sales", "amount": 6}]}
        with pytest.raises(WriteError, match="failed validation"):
            LedgerEntry.collection().insert_one(row)

    def test_refuses_an_unbalanced_edit(self, wallet):
        put(wallet, 1000, "a")
        with pytest.raises(WriteError, match="failed validation"):
            LedgerEntry.collection().update_one({"reference": "a"}, {"$inc": {"legs.0.amount": 1}})

    def test_refuses_an_overdrawn_wallet(self, wallet):
        with pytest.raises(WriteError, match="failed validation"):
            Wallet.collection().update_one({"_id": wallet.id}, {"$inc": {"balance": -1}})

    def test_refuses_a_balance_that_is_no_integer(self, wallet):
        with pytest.raises(WriteError, match="failed validation"):
            Wallet.collection().update_one({"_id": wallet.id}, {"$set": {"balance": 1.5}})


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(-2000, 2000).filter(bool), max_size=12))
def test_any_order_of_moves_agrees_with_its_entries(people, amounts):
    wallet = wallets.open_wallet(owner=people.client().id)
    expected = 0
    for number, amount in enumerate(amounts):
        try:
            put(wallet, amount, f"{wallet.id}:{number}")
            expected += amount
        except InsufficientFunds:
            assert expected + amount < 0
    assert balance_of(wallet) == expected == ledger.balance(wallet_account(wallet.id))
    assert breaks() == []

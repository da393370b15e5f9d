"""`verify` finds what a hand in the database could do, and says what it found."""
import pytest

from documents.ledger import LedgerEntry, Seal
from documents.wallets import Wallet
from services import ledger, sealing, wallets
from services.ledger import CASH, Leg, wallet_account
from tests import parallel


@pytest.fixture
def books(people) -> Wallet:
    """One wallet with three entries, sealed."""
    wallet = wallets.open_wallet(owner=people.client().id)
    for number in range(1, 4):
        ledger.post(kind="test", reference=f"entry:{number}",
                    legs=[Leg(CASH, -100), Leg(wallet_account(wallet.id), 100)])
    assert sealing.seal_entries(settled_after=sealing.timedelta(0)) == 3
    return wallet


def breaks() -> str:
    return "\n".join(parallel.breaks())


def test_right_books_have_no_break(books):
    assert breaks() == ""


def test_an_entry_edited_in_balance_breaks_the_fold_and_the_chain(books):
    LedgerEntry.collection().update_one({"reference": "entry:2"}, {"$inc": {"legs.0.amount": 5, "legs.1.amount": -5}})
    assert f"wallet {books.id} says 200 after leg 2, its legs sum to" in breaks() or "has leg" in breaks()
    assert "an entry under seal 1 was changed or removed" in breaks()


def test_a_removed_entry_breaks_the_numbering_and_the_chain(books):
    LedgerEntry.collection().delete_one({"reference": "entry:2"})
    assert f"wallet {books.id} has leg 3 where 2 was due" in breaks()
    assert "an entry under seal 1 was changed or removed" in breaks()


def test_a_balance_written_by_hand_shows(books):
    Wallet.collection().update_one({"_id": books.id}, {"$inc": {"balance": 1}})
    assert f"wallet {books.id} says 301 after 3 legs, its entries say 300 after 3" in breaks()


def test_a_wallet_that_vanished_shows(books):
    Wallet.collection().delete_one({"_id": books.id})
    assert f"wallet {books.id} has entries and does not exist" in breaks()


def test_a_forged_seal_shows(books):
    Seal.collection().update_one({"_id": 1}, {"$set": {"previous": "f" * 64}})
    assert "seal 1 does not follow from seal 0" in breaks()


def test_an_unbalanced_entry_from_before_the_validator_shows(books):
    LedgerEntry.collection().database.command("collMod", "ledger_entries", validationLevel="off")
    try:
        LedgerEntry.collection().update_one({"reference": "entry:1"}, {"$inc": {"legs.0.amount": 5}})
    finally:
        LedgerEntry.collection().database.command("collMod", "ledger_entries", validationLevel="strict")
    assert "entry entry:1 does not sum to zero" in breaks()
    assert "INR sums to 5 over all accounts" in breaks()


def test_sealing_twice_seals_nothing_twice(books):
    assert sealing.seal_entries(settled_after=sealing.timedelta(0)) == 0
    assert Seal.collection().count_documents({}) == 1

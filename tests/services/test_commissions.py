"""Commissions: gathered without touching the distributor's wallet, folded into it by a job."""
import pytest

from documents import clock
from documents.ledger import LedgerEntry
from documents.recharges import Recharge
from documents.wallets import Wallet
from services import commissions, ledger, wallets
from services.recharge_books import commission_account
from tests.catalogue import buy, earning_chain, plan
from tests.parallel import breaks


@pytest.fixture
def chain(people):
    return earning_chain(people)


def test_a_purchase_leaves_the_distributors_wallet_alone(chain):
    distributor, retailer = chain
    buy(retailer, plan("10.00"))
    assert Wallet.find_one({"owner": distributor.id}).seq == 0
    assert ledger.balance(commission_account(distributor.id)) == 100


def test_one_entry_folds_many(chain, monkeypatch):
    distributor, retailer = chain
    article = plan("10.00")
    bought = [buy(retailer, article) for _ in range(5)]
    assert commissions.fold_all() == 500
    assert commissions.fold_all() == 0
    assert (wallets.wallet_of(distributor.id).balance, ledger.balance(commission_account(distributor.id))) == (500, 0)
    [entry] = LedgerEntry.find({"kind": "commission.fold"})
    assert entry.reference == f"commission:{distributor.id}:{max(recharge.id for recharge in bought)}"
    assert breaks() == []
    monkeypatch.setattr(commissions, "BATCH", 2)
    for _ in range(5):
        buy(retailer, article)
    assert commissions.fold_all() == 500
    assert LedgerEntry.collection().count_documents({"kind": "commission.fold"}) == 4
    assert breaks() == []


def test_verify_sees_a_commission_that_was_lost(chain):
    distributor, retailer = chain
    bought = buy(retailer, plan("10.00"))
    Recharge.collection().update_one({"_id": bought.id}, {"$unset": {"upline_due": ""}})
    assert breaks() == [f"commission:{distributor.id} has 100, the recharges that are not folded yet earned 0"]


def test_what_is_due_is_found_in_an_index(app):
    for query in ({"upline_due": {"$gt": 0}}, {"upline_due": 5}, {"next_check_at": {"$lte": clock.now()}},
                  {"keys": "1:k"}):
        plan_of = Recharge.collection().find(query).explain()["queryPlanner"]["winningPlan"]
        assert "COLLSCAN" not in str(plan_of)

"""`verify` names recharges that do not agree with their entries."""
import pytest

from documents.ledger import LedgerEntry
from documents.recharges import Recharge
from services.gateways.operators import simulated
from tests.catalogue import buy, plan
from tests.parallel import breaks


@pytest.fixture
def bought(people, fund) -> Recharge:
    retailer = people.retailer()
    fund(retailer, "1000.00")
    return buy(retailer, plan())


@pytest.mark.parametrize("change", [
    {"payment_status": "failed"}, {"attempts.0.status": "pending"}, {"attempts.0.status": "failed"},
    {"attempts.0.net": 19800}])
def test_a_recharge_that_was_edited_is_named(bought, change):
    Recharge.collection().update_one({"_id": bought.id}, {"$set": change})
    found = breaks()
    assert found
    assert all(f"recharge {bought.id}" in line or f"recharge:{bought.id}:" in line for line in found)


def test_a_recharge_whose_entry_is_gone_is_named(bought):
    LedgerEntry.collection().delete_one({"reference": f"recharge:{bought.id}:success"})
    assert any(f"recharge {bought.id} asks for entry recharge:{bought.id}:success" in line for line in breaks())


def test_entries_of_a_recharge_that_is_gone_are_named(bought):
    Recharge.collection().delete_one({"_id": bought.id})
    assert breaks() == [f"no recharge asks for entry recharge:{bought.id}:{kind}" for kind in ("charge", "success")]


def test_pending_failed_and_refused_ones_are_right(people, fund):
    retailer = people.retailer()
    article = plan("10.00")
    buy(retailer, article)
    fund(retailer, "100.00")
    for behaviour in ("silent", "fail", "succeed"):
        simulated.tell(behaviour)
        buy(retailer, article)
    assert breaks() == []

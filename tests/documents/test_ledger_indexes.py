"""What the ledger asks of its entries is answered from an index, however many there are."""
import pytest

from documents.ledger import LedgerEntry
from services.ledger import wallet_account

ACCOUNT = wallet_account(1)


@pytest.mark.parametrize("match", [{"reference": "a"}, {"reverses": "a"}, {"legs.account": ACCOUNT}])
def test_entries_are_found_by_index(app, match):
    plan = LedgerEntry.collection().find(match).explain()["queryPlanner"]["winningPlan"]
    assert "IXSCAN" in str(plan)
    assert "COLLSCAN" not in str(plan)


def test_a_wallets_list_is_read_in_order(app):
    plan = LedgerEntry.collection().find(
        {"legs.account": ACCOUNT}, sort=[("created_at", -1), ("_id", -1)], limit=20).explain()
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
    assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])

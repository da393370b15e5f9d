"""The instalment shop of the demo: purchases in every state, the same however often it is loaded."""
from documents.ledger import LedgerEntry
from documents.purchases import Purchase, Status
from services import demo
from services.demo.installments import SALES
from tests.parallel import breaks


def test_it_shows_every_state_and_loads_once(app):
    demo.load()
    entries = LedgerEntry.collection().count_documents({"reference": {"$regex": "^purchase:"}})
    demo.load()
    sold = list(Purchase.find({}))
    assert len(sold) == len(SALES)
    assert LedgerEntry.collection().count_documents({"reference": {"$regex": "^purchase:"}}) == entries
    parts = [part for purchase in sold for part in purchase.installments]
    assert {purchase.status for purchase in sold} == {Status.DUE, Status.PAID}
    assert any(part.late_fee for part in parts)
    assert any(part.waiver for part in parts)
    assert any(part.paid_amount and part.due_amount for part in parts)
    assert breaks() == []

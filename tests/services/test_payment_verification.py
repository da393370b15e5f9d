"""What `verify` says when somebody has put a hand into payments, refunds, settlements or rollups."""
from datetime import timedelta

import pytest

from config import connections
from documents.ids import new_uuid
from documents.payments import Method, Payment
from services import ledger, merchant_reports, pos_refunds, settlements
from services.ledger import Leg
from tests.parallel import breaks
from tests.shops import ask, shop, take


@pytest.fixture
def business(people, move_clock):
    """A settled payment, a refunded one, one that waits, and a day that is rolled up; returns the settled one."""
    owner = people.client()
    shop(owner)
    settled = take(owner, "100.00")
    refunded = take(owner, "50.00", Method.CASH)
    pos_refunds.refund(user=owner, payment_id=refunded.id, amount=2_000)
    made = settlements.settle_by_hand(actor=owner, amount=9_000)
    take(owner, "30.00")
    ask(owner, "20.00")
    move_clock(timedelta(days=2))
    merchant_reports.roll_up()
    assert breaks() == []
    return settled, made


TAMPERED = {
    "a payment that was never booked": ("payments", {"status": "PENDING"}, {"$set": {
        "status": "SUCCESS", "method": "upi", "captured": 2_000}}, "asks for entry"),
    "a payment that forgets it was paid": ("payments", {"amount": 3_000}, {"$set": {"status": "FAILED"}},
                                           "no payment asks for entry"),
    "another amount": ("payments", {"amount": 10_000}, {"$set": {
        "amount": 9_999, "final_amount": 9_999, "captured": 9_999}}, "asks for entry"),
    "a refund that grew": ("refunds", {}, {"$set": {"amount": 2_001}}, "its refunds say 2001"),
    "a payment in no settlement": ("payments", {"amount": 10_000}, {"$unset": {"settlement": ""}},
                                   "in no settlement, nor waiting"),
    "a payment in one and waiting": ("payments", {"amount": 10_000}, {"$set": {"to_settle": True}}, "and waiting"),
    "a settlement with another gross": ("settlements", {}, {"$inc": {"gross": 1, "refunds": 1}}, "says gross"),
    "a settlement that was not transferred": ("settlements", {}, {"$set": {"status": "PAID"}}, "asks for entry"),
    "a book that carries more": ("settlement_books", {}, {"$inc": {"carried": 1}}, "settlements say"),
    "a rollup that is wrong": ("merchant_days", {}, {"$inc": {"captured": 1}}, "the rollup of merchant"),
    "a rollup that is gone": ("merchant_days", {}, None, "has no rollup"),
    "an attempt that is gone": ("payment_transactions", {"status": "SUCCESS"}, None, "attempts that took its money"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_hand_in_the_database_is_found(business, what):
    name, match, update, sentence = TAMPERED[what]
    collection = connections.database()[name]
    if update is None:
        assert collection.delete_one(match).deleted_count == 1
    else:
        assert collection.update_one(match, update).modified_count == 1
    assert any(sentence in line for line in breaks()), breaks()


def test_entries_that_nobody_asked_for_are_found(business):
    settled, made = business
    for reference in (f"payment:{new_uuid()}:capture", f"refund:{new_uuid()}", f"settlement:{new_uuid()}:close",
                      f"settlement:{made.id}:payout"):
        ledger.post(kind="forged", reference=reference, legs=[Leg("upi", -1), Leg("cash", 1)])
    assert len([line for line in breaks() if "asks for entry" in line]) == 4
    assert Payment.get(settled.id).settlement == made.id

"""`verify` finds what no code of ours does to vouchers, and says which one it is."""
import pytest

from documents.payments import Payment
from documents.voucher_usages import VoucherUsage
from documents.vouchers import Voucher
from services import voucher_redemption
from tests.parallel import breaks
from tests.vouchering import buy, voucher_type


@pytest.fixture
def rows(people, fund):
    """Three vouchers of one payment, the first one redeemed."""
    user = people.client()
    fund(user, "100.00")
    bought = buy(user, voucher_type(1_000, usage_limit=2), 3)
    voucher_redemption.redeem(user=user, code=bought[0]["code"])
    return bought


def change(row: dict, update: dict) -> None:
    Voucher.collection().update_one({"_id": row["_id"]}, update)


def test_nothing_is_wrong_with_what_the_services_did(rows):
    assert breaks() == []


@pytest.mark.parametrize(("meddle", "told"), [
    (lambda rows: Voucher.collection().delete_one({"_id": rows[2]["_id"]}), "there are 2 for 2000"),
    (lambda rows: change(rows[1], {"$set": {"paid": 1}}), "there are 3 for 2001"),
    (lambda rows: Voucher.insert(rows[1] | {"_id": "more", "code": "MORE", "number": 9}), "there are 4 for 4000"),
    (lambda rows: Voucher.insert(rows[1] | {"_id": "free", "code": "FREE", "payment": "none"}),
     "vouchers of payment none, which is not paid"),
    (lambda rows: change(rows[1], {"$set": {"cancelled_at": rows[1]["issued_at"]}}), "it gave nothing back"),
    (lambda rows: change(rows[1], {"$inc": {"usage_count": 1, "uses_left": -1}}), "says 1 uses, there are 0"),
    (lambda rows: change(rows[0], {"$inc": {"usage_count": -1, "uses_left": 1}}), "says 0 uses, there are 1"),
    (lambda rows: VoucherUsage.collection().delete_many({}), "says 1 uses, there are 0"),
    (lambda rows: Payment.collection().delete_many({}), "which is not paid"),
], ids=["lost", "share", "one more", "free", "cancelled", "used", "unused", "usage", "payment"])
def test_meddling_is_told(rows, meddle, told):
    meddle(rows)
    assert any(told in line for line in breaks()), breaks()


def test_not_even_by_hand_does_a_voucher_get_more_uses(rows):
    with pytest.raises(Exception, match="Document failed validation"):
        change(rows[0], {"$inc": {"uses_left": 5}})

"""The voucher shop of the demo: every type, vouchers in several hands, the same however often it is loaded."""
from documents.voucher_types import VoucherType
from documents.vouchers import Voucher
from services import demo, vouchers
from tests.parallel import breaks


def test_the_demo_shows_vouchers_and_loads_twice_alike(app):
    known = demo.load()
    first = sorted(row["code"] for row in Voucher.collection().find({}))
    demo.load()
    assert sorted(row["code"] for row in Voucher.collection().find({})) == first
    assert VoucherType.collection().count_documents({"is_active": True}) == 5
    held = {name: vouchers.stats(user=known[name])["active"] for name in ("farid", "gita", "hari")}
    assert held == {"farid": 2, "gita": 1, "hari": 1}
    assert breaks() == []

"""The voucher shop of the demo: the types that the old shop sold, and vouchers in every hand."""
from documents.transactions import atomic
from documents.users import User
from documents.voucher_types import VoucherType
from documents.vouchers import Voucher
from services import voucher_gifts, voucher_orders, voucher_redemption, voucher_types

TYPES = [
    ("result_check", "Exam Results Checking", 10_00, {"validity_days": 30, "usage_limit": 3}),
    ("school_application", "School Application", 25_00, {"validity_days": 60}),
    ("placement_application", "Placement Application", 35_00, {"validity_days": 45, "usage_limit": 2}),
    ("certificate_verification", "Document Verification", 15_00, {"validity_days": 14}),
    ("transcript_request", "Transcript Request", 20_00, {"validity_days": 30, "bearer": True}),
]
"""Code, name, price in minor units, other terms."""


def load(known: dict[str, User]) -> None:
    """Add the types that are not there yet, and everybody's vouchers once."""
    ids = {code: _type(code, name, price, **terms) for code, name, price, terms in TYPES}
    if Voucher.find_one({"buyer": known["farid"].id}) is None:
        _buy(ids, known["farid"], known["gita"], known["hari"])


def _type(type_code: str, name: str, price: int, **terms) -> int:
    found = VoucherType.find_one({"type_code": type_code}) or voucher_types.create(
        type_code=type_code, name=name, price=price, **terms)
    return found.id


@atomic
def _buy(ids: dict[str, int], farid: User, gita: User, hari: User) -> None:
    """All in one transaction: there is never half of it."""
    exams = voucher_orders.purchase(user=farid, voucher_type_id=ids["result_check"], quantity=2).vouchers
    voucher_redemption.redeem(user=farid, code=exams[0]["code"], service_type="Exam results",
                              service_data={"index_number": "0102030405"})
    verification = voucher_orders.purchase(user=gita, voucher_type_id=ids["certificate_verification"]).vouchers[0]
    voucher_gifts.assign(user=gita, code=verification["code"], phone=hari.phone)
    voucher_orders.purchase(user=gita, voucher_type_id=ids["transcript_request"])

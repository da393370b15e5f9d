"""Short ways to vouchers for tests."""
from typing import Any

from documents.ids import next_id
from documents.users import User
from documents.voucher_types import VoucherType
from services import voucher_orders, voucher_types


def voucher_type(price: int = 1_000, **terms: Any) -> VoucherType:
    """A type of voucher on sale, for one use within 30 days unless told otherwise; `price` in minor units."""
    number = next_id("voucher_types")
    return voucher_types.create(**{"name": f"Voucher {number}", "type_code": f"type_{number}", "price": price, **terms})


def buy(user: User, type_: VoucherType | None = None, quantity: int = 1, **options: Any) -> list[dict]:
    """Vouchers bought from the user's wallet, as they are stored."""
    wanted = type_ or voucher_type()
    return voucher_orders.purchase(user=user, voucher_type_id=wanted.id, quantity=quantity, **options).vouchers

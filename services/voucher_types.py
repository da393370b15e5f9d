"""The kinds of vouchers on sale."""
import re
from typing import Any

from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid, NotFound
from documents.ids import next_id
from documents.listing import Listing
from documents.voucher_types import VoucherType

ORDERINGS = {"id": "_id"} | {name: name for name in ("name", "price", "validity_days", "created_at")}
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)


def listing(**filters: Any) -> Listing:
    """Voucher types in the order they were added; on sale only, unless `filters` (stored fields) say otherwise."""
    return Listing(VoucherType, {"is_active": True} | filters, order=[("_id", 1)], orderings=ORDERINGS,
                   searchable=("name", "type_code", "description"))


def everything(*, is_active: bool | None = None) -> Listing:
    """Those that were withdrawn too."""
    return listing(is_active={"$in": [True, False]} if is_active is None else is_active)


def get(type_id: int) -> VoucherType:
    """A type on sale. Raises NotFound for others."""
    return VoucherType.get(type_id, is_active=True)


def create(*, name: str, type_code: str, price: int, **terms: Any) -> VoucherType:
    """Put a type on sale; `price` in minor units. Raises Invalid for a name or code that is taken."""
    now = clock.now()
    made = VoucherType(id=next_id("voucher_types"), name=name, type_code=_checked(type_code), price=price,
                       created_at=now, updated_at=now, **terms)
    try:
        return made.create()
    except Duplicate as error:
        raise _taken(error) from error


def change(type_id: int, **terms: Any) -> VoucherType:
    """Change the terms of later purchases. Raises NotFound, Invalid for a name or code that is taken."""
    if "type_code" in terms:
        terms["type_code"] = _checked(terms["type_code"])
    try:
        changed = VoucherType.change({"_id": type_id}, {"$set": {**terms, "updated_at": clock.now()}})
    except Duplicate as error:
        raise _taken(error) from error
    if changed is None:
        raise NotFound
    return changed


def withdraw(type_id: int) -> None:
    """Take a type off sale; vouchers that were bought stay good. Raises NotFound when it is not on sale."""
    if VoucherType.change({"_id": type_id, "is_active": True},
                          {"$set": {"is_active": False, "updated_at": clock.now()}}) is None:
        raise NotFound


def _checked(type_code: str) -> str:
    if not _CODE.fullmatch(type_code):
        raise Invalid.field("type_code", "Use small letters, digits, dashes and underscores only.")
    return type_code


def _taken(error: Duplicate) -> Invalid:
    field = "name" if error.index.startswith("name") else "type_code"
    return Invalid.field(field, f"voucher type with this {field} already exists.")

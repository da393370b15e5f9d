"""Looking at vouchers: whose they are, in which state, and what happened to them."""
from typing import Any

from aggregations import vouchers as pipelines
from documents import clock
from documents.errors import NotFound
from documents.listing import Listing
from documents.permissions import Permission
from documents.transactions import current_session
from documents.users import User
from documents.voucher_usages import VoucherUsage
from documents.vouchers import Status, Voucher, in_state, state_of
from services import pictures, voucher_codes
from services.pictures import Format, Picture

UNKNOWN = "Voucher not found"
COUNTS = ("total", *(status.value for status in Status))


def held_by(user: User) -> dict:
    """The filter for the vouchers of `user`: its own, and those that wait for the number it has proved."""
    if user.phone is None or "phone" in user.unproven:
        return {"owner": user.id}
    return {"$or": [{"owner": user.id}, {"phone": user.phone}]}


def listing(*, viewer: User, status: Status | None = None) -> Listing:
    """The viewer's vouchers, newest first; in one state at this moment, if it is named."""
    match = held_by(viewer) if status is None else {"$and": [held_by(viewer), in_state(status, clock.now())]}
    return Listing(Voucher, match, order=[("issued_at", -1), ("_id", -1)],
                   orderings={"issued_at": "issued_at", "expires_at": "expires_at"}, searchable=("code", "type.name"),
                   lookups=[{"$unset": "log"}])


def given_by(*, viewer: User) -> Listing:
    """What the viewer has bought and somebody else has, newest first."""
    return Listing(Voucher, {"buyer": viewer.id, "owner": {"$ne": viewer.id}}, lookups=[{"$unset": "log"}],
                   order=[("issued_at", -1), ("_id", -1)], orderings={"issued_at": "issued_at"})


def get(code: str, *, viewer: User) -> dict:
    """The viewer's voucher with this code, as it is stored. Raises NotFound also for somebody else's."""
    return find(code, held_by(viewer))


def find(code: str, match: dict) -> dict:
    """The voucher with this code that meets `match`, as it is stored. Raises NotFound."""
    read = voucher_codes.read(code)
    found = read and Voucher.collection().find_one({"$and": [{"code": read}, match]}, session=current_session())
    if not found:
        raise NotFound(UNKNOWN)
    return found


def history(code: str, *, viewer: User) -> dict:
    """A voucher with all that happened to it: for its owner, its buyer, and for support. Raises NotFound."""
    allowed = {} if viewer.can(Permission.MANAGE_SUPPORT) else {"$or": [held_by(viewer), {"buyer": viewer.id}]}
    return find(code, allowed)


def picture(code: str, format: Format, *, viewer: User) -> Picture:
    """The viewer's voucher as a QR code that says its code and nothing else. Raises NotFound."""
    return pictures.qr(get(code, viewer=viewer)["code"], format)


def usages(*, viewer: User) -> Listing:
    """What the viewer has redeemed, newest first."""
    return Listing(VoucherUsage, {"user": viewer.id}, order=[("used_at", -1), ("_id", -1)],
                   orderings={"used_at": "used_at"}, searchable=("voucher_code", "voucher_type_name", "service_type"))


def stats(*, user: User) -> dict[str, int]:
    """How many vouchers the user has, by state at this moment, and what they are worth by their prices, minor units."""
    found = Voucher.collection().aggregate(pipelines.totals(held_by(user), clock.now()), session=current_session())
    return next(iter(found), dict.fromkeys((*COUNTS, "value"), 0))


def shown(row: dict) -> dict[str, Any]:
    """A stored voucher with what is worked out at this moment."""
    now = clock.now()
    state, type_ = state_of(row, now), row["type"]
    return row | {
        "voucher_type": type_, "status": state, "is_valid": state is Status.ACTIVE,
        "days_until_expiry": max(0, (row["expires_at"] - now).days), "total_uses": type_["usage_limit"],
        "metadata": {"payment": row["payment"], "bearer": type_["bearer"]}}

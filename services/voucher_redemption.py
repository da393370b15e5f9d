"""Redeeming vouchers: one conditional update, with its usage in the same transaction."""
from datetime import timedelta
from typing import Any, NamedTuple

from documents import clock
from documents.errors import Conflict, Invalid
from documents.ids import next_id
from documents.throttles import Throttle
from documents.transactions import atomic, current_session, expect_contention
from documents.users import User
from documents.voucher_usages import MAX_AGENT, VoucherUsage
from documents.vouchers import Voucher, state_of
from services import events, voucher_codes, voucher_issue, vouchers

MISSES = 10
"""Wrong codes that one account may try in an hour."""


class VoucherUnknown(Invalid):
    """No such code, or somebody else's: the answer is the same."""

    code = "voucher_unknown"
    detail = "Invalid voucher code."

    def __init__(self) -> None:
        super().__init__(errors={"code": [self.detail]})


class VoucherNotValid(Conflict):
    """It is the caller's, and used up, expired or cancelled."""

    code = "voucher_not_valid"
    detail = "Voucher is not valid or has expired."

    def __init__(self, state: str) -> None:
        super().__init__(f"{self.detail} It is {state}.", errors={"code": [self.detail]})


class Redeemed(NamedTuple):
    """Both as they are stored."""

    voucher: dict
    usage: dict


@atomic
def redeem(*, user: User, code: str, service_type: str = "", service_data: dict[str, Any] | None = None,
           ip_address: str | None = None, user_agent: str = "") -> Redeemed:
    """Use a voucher of the user's, or a bearer's, once.

    Raises VoucherUnknown, which counts as a miss; VoucherNotValid; TooMany after too many misses.
    """
    misses = f"voucher-misses:{user.id}"
    Throttle.check({misses: MISSES})
    allowed = {"$or": [{"type.bearer": True}, vouchers.held_by(user)]}
    read, now = voucher_codes.read(code), clock.now()
    if read is None:
        raise _miss(misses)
    expect_contention(f"voucher:{read}")
    voucher = Voucher.use(read, allowed, voucher_issue.line("redeemed", now=now, by=user.id, note=service_type),
                          now=now)
    if voucher is None:
        known = Voucher.collection().find_one({"$and": [{"code": read}, allowed]}, session=current_session())
        raise _miss(misses) if known is None else VoucherNotValid(state_of(known, now))
    usage = {
        "_id": next_id("voucher_usages"), "voucher": voucher["_id"], "voucher_code": read,
        "type": voucher["type"]["id"], "voucher_type_name": voucher["type"]["name"],
        "type_code": voucher["type"]["type_code"], "user": user.id, "owner": voucher.get("owner"),
        "service_type": service_type, "service_data": service_data or {}, "ip_address": ip_address,
        "user_agent": user_agent[:MAX_AGENT], "used_at": now}
    VoucherUsage.insert(usage)
    events.record("voucher.redeemed", subject=f"voucher:{voucher['_id']}", user=voucher.get("owner", user.id),
                  type_code=usage["type_code"], usage=usage["_id"], redeemed_by=user.id,
                  uses_left=voucher["uses_left"])
    return Redeemed(voucher, usage)


def _miss(key: str) -> VoucherUnknown:
    """The refusal, counted. Outside the transaction: what is refused leaves nothing else behind."""
    Throttle.hit(key=key, limit=MISSES, window=timedelta(hours=1))
    return VoucherUnknown()

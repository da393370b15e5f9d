"""Giving a voucher to a phone number: to the account that has proved it, or to whichever will."""
from datetime import timedelta

from config import settings
from documents import clock
from documents.errors import Conflict
from documents.throttles import Throttle
from documents.transactions import atomic
from documents.users import User
from documents.vouchers import Voucher, state_of
from services import events, messages, voucher_issue, vouchers
from services.voucher_redemption import VoucherNotValid

GIFTS = 20
"""Vouchers that one account may give away in an hour; each is told to somebody by SMS."""


class OwnPhone(Conflict):
    code = "voucher_yours_already"
    detail = "The voucher is yours already."


@atomic
def assign(*, user: User, code: str, phone: str) -> dict:
    """Give a voucher of the user's to `phone` (E.164), and tell that number; the voucher as it is stored.

    Whoever has proved the number owns it at once. Raises NotFound, OwnPhone, VoucherNotValid, TooMany.
    """
    voucher = vouchers.get(code, viewer=user)
    receiver = User.find_one({"phone": phone, "unproven": {"$ne": "phone"}, "is_active": True})
    if receiver is not None and receiver.id == user.id:
        raise OwnPhone
    Throttle.hit(key=f"voucher-gifts:{user.id}", limit=GIFTS, window=timedelta(hours=1))
    if receiver is not None:
        update: dict = {"$set": {"owner": receiver.id}, "$unset": {"phone": ""}}
    else:
        update = {"$set": {"phone": phone}, "$unset": {"owner": ""}}
    given = _hand_over(voucher, update, "assigned", user, note=f"to the number ending in {phone[-4:]}")
    events.record("voucher.assigned", subject=f"voucher:{given['_id']}", user=user.id, phone=phone,
                  receiver=receiver.id if receiver is not None else None)
    # The code stays out of it: a number typed wrongly must not give the voucher away.
    messages.send(channel="sms", to=phone, key=f"voucher:{given['_id']}:given:{len(given['log'])}",
                  body=f"You were given a voucher: {given['type']['name']}, valid until {_day(given)}. "
                       "Sign in with this number to see it.")
    return given


@atomic
def withdraw(*, user: User, code: str) -> dict:
    """Take back a voucher whose new number no account has proved yet. Raises NotFound, VoucherNotValid."""
    voucher = vouchers.find(code, {"buyer": user.id, "phone": {"$gt": ""}})
    if User.find_one({"phone": voucher["phone"], "unproven": {"$ne": "phone"}}) is not None:
        raise Conflict("The voucher has reached its new owner.")
    back = _hand_over(voucher, {"$set": {"owner": user.id}, "$unset": {"phone": ""}}, "withdrawn", user)
    events.record("voucher.withdrawn", subject=f"voucher:{back['_id']}", user=user.id)
    return back


def _hand_over(voucher: dict, update: dict, what: str, user: User, note: str = "") -> dict:
    now = clock.now()
    holder = {name: voucher.get(name) for name in ("owner", "phone")}
    given = Voucher.hand_over(voucher["_id"], holder, update, now=now,
                              line=voucher_issue.line(what, now=now, by=user.id, note=note))
    if given is None:
        raise VoucherNotValid(state_of(voucher, now))
    return given


def _day(voucher: dict) -> str:
    return f"{voucher['expires_at'].astimezone(settings.current().timezone):%d %b %Y}"

"""Payments at a merchant's till: asked for, scanned, paid from a wallet or confirmed by hand, given up, expired."""
from datetime import datetime

from aggregations.spans import between
from config import settings
from documents import clock
from documents.errors import Forbidden, NotFound
from documents.ids import new_uuid
from documents.listing import Listing
from documents.merchants import Merchant
from documents.payments import EXPIRES_AFTER, UNPAID, Kind, Method, Payment, Status
from documents.permissions import Permission
from documents.transactions import atomic
from documents.users import User
from services import cashiers, merchants, payments, pos_coupons
from services.payments import InvalidState

BATCH = 500


class OwnPayment(Forbidden):
    """Whoever stands at the till would pay itself, and earn the house's coupons by it."""

    code = "own_payment"
    detail = "You cannot pay at your own till."


@atomic
def create(*, user: User, amount: int, coupon_code: str | None = None, phone: str | None = None,
           method: str | None = None, notes: str = "", merchant: int | None = None) -> Payment:
    """Ask for `amount` minor units at the till of `user`; a coupon is held for as long as the payment can be paid.

    `phone` is the customer's, for coupons that are meant for somebody. Raises MerchantRequired, MerchantInactive and
    what services/coupons.py refuses a code for.
    """
    till = cashiers.till_of(user, merchant)
    now = clock.now()
    payment = Payment(
        id=new_uuid(), kind=Kind.POS, merchant=till.id, created_by=user.id, amount=amount, final_amount=amount,
        currency=settings.current().currency, method=method, status=Status.PENDING, notes=notes,
        expires_at=now + EXPIRES_AFTER, created_at=now, updated_at=now)
    if coupon_code:
        pos_coupons.hold(payment, coupon_code, phone=phone)
    payment.create()
    payments.announce("payment.created", payment)
    return payment


@atomic
def scan(*, user: User, payment_id: str) -> Payment:
    """A customer, or the till itself, has read the QR code. Raises NotFound, InvalidState unless it is pending."""
    payment = _for_customer(user, payment_id)
    scanned = Payment.advance(payment.id, Status.SCANNED, now=clock.now(), match=_in_time())
    if scanned is None:
        raise InvalidState
    payments.announce("payment.scanned", scanned)
    return scanned


@atomic
def pay(*, user: User, payment_id: str, coupon_code: str | None = None) -> Payment:
    """Pay from the wallet of `user`: its money, the coupon and what the merchant is owed commit together.

    `coupon_code` is for a payment that has no coupon yet. Raises NotFound, InvalidState, InsufficientFunds,
    OwnPayment, MerchantInactive and what services/coupons.py refuses a code for.
    """
    payment = payable(user, payment_id)
    if coupon_code:
        pos_coupons.redeem(payment, coupon_code, user=user)
    return payments.succeed(payment_id, method=Method.WALLET, payer=user, match=open_now())


def payable(user: User, payment_id: str) -> Payment:
    """The payment as `user` may pay it now. Raises NotFound, OwnPayment, MerchantInactive, InvalidState."""
    payment = _for_customer(user, payment_id)
    if payment.merchant in cashiers.tills_of(user):
        raise OwnPayment
    cashiers.open_till(payment.merchant)
    if payment.status not in UNPAID or payment.expires_at <= clock.now():
        raise InvalidState
    return payment


@atomic
def confirm(*, user: User, payment_id: str, paid: bool, method: Method | None = None) -> Payment:
    """The till says that it was paid, in cash or by UPI, or that it was not. Raises NotFound, InvalidState."""
    payment = at_till(user, payment_id)
    cashiers.open_till(payment.merchant)
    if not paid:
        return payments.fail(payment_id, match=open_now())
    chosen = method or _by_hand(payment.method)
    return payments.succeed(payment_id, method=chosen, actor=user.id, match=open_now())


def cancel(*, user: User, payment_id: str) -> Payment:
    """The till gives the payment up. Raises NotFound, InvalidState."""
    return payments.cancel(at_till(user, payment_id).id, match={"status": {"$in": [*UNPAID]}})


def expire_due() -> int:
    """End every unpaid payment whose time is over; returns how many. Any number may run at once."""
    due = {"status": {"$in": [*UNPAID]}, "expires_at": {"$lte": clock.now()}}
    ended = 0
    while batch := Payment.collection().find(due, {"_id": 1}, sort=[("expires_at", 1)], limit=BATCH).to_list():
        ended += sum(_expire(row["_id"], due) for row in batch)
    return ended


def _expire(payment_id: str, due: dict) -> bool:
    try:
        payments.expire(payment_id, match=due)
    except InvalidState:        # paid or given up since it was read
        return False
    return True


def at_till(user: User, payment_id: str) -> Payment:
    """A payment of a till at which `user` stands. Raises NotFound."""
    return Payment.get(payment_id, kind=Kind.POS.value, merchant={"$in": cashiers.tills_of(user)})


def get(payment_id: str, *, viewer: User) -> Payment:
    """A POS payment that `viewer` may see: of its till, one it has paid, or one that waits to be paid by whoever
    holds its QR code. Raises NotFound."""
    seen = Payment.find_one({"$and": [{"_id": payment_id, "kind": Kind.POS},
                                      {"$or": [cashiers.seen_by(viewer), {"user": viewer.id}]}]})
    return seen or _for_customer(viewer, payment_id, open_only=True)


def qr_payload(payment_id: str) -> str:
    """What the QR code of a payment says; it names the payment and nothing else."""
    return f"purser://pay/{payment_id}"


def merchant_name(payment: Payment) -> str:
    return Merchant.get(payment.merchant).business_name


def listing(*, viewer: User, status: str | None = None, method: str | None = None, merchant: int | None = None,
            start: datetime | None = None, end: datetime | None = None) -> Listing:
    """The POS payments of the viewer's tills, newest first; of every merchant for staff."""
    asked: list[dict] = [cashiers.seen_by(viewer), {"kind": Kind.POS}]
    if status is not None:
        asked.append(_shown_as(status))
    asked += [{name: value} for name, value in (("method", method), ("merchant", merchant)) if value is not None]
    asked.append(between("created_at", start, end))
    return Listing(Payment, {"$and": asked}, searchable=("notes", "coupon.code", "_id"),
                   orderings={name: name for name in ("created_at", "amount", "final_amount", "status")})


def _for_customer(user: User, payment_id: str, *, open_only: bool = False) -> Payment:
    """A payment for whoever holds its QR code: its own till, or a customer; never another shop's login."""
    payment = Payment.get(payment_id, kind=Kind.POS.value, **(open_now() if open_only else {}))
    own = merchants.find_own(user)
    staff = user.can(Permission.MANAGE_MERCHANTS)
    if own is not None and own.id != payment.merchant and not staff:
        raise NotFound
    return payment


def _by_hand(method: str | None) -> Method:
    return Method.CASH if method == Method.CASH else Method.UPI


def _in_time() -> dict:
    return {"expires_at": {"$gt": clock.now()}}


def open_now() -> dict:
    """The filter for payments that can be paid at this moment."""
    return {"status": {"$in": [*UNPAID]}, **_in_time()}


SHOWN = {
    Status.PENDING: "PENDING", Status.SCANNED: "SCANNED", Status.PROCESSING: "SCANNED", Status.SUCCESS: "SUCCESS",
    Status.REFUNDED: "REFUNDED", Status.FAILED: "FAILED", Status.CANCELLED: "FAILED", Status.EXPIRED: "FAILED",
}
"""What tills call each status."""


def shown(status: str, expires_at: datetime | None) -> tuple[str, str | None]:
    """What tills call the status, and why a payment failed; one whose time is over has expired, swept or not."""
    if status in UNPAID and expires_at is not None and expires_at <= clock.now():
        status = Status.EXPIRED
    name = SHOWN[Status(status)]
    return name, status.lower() if name == "FAILED" else None


def _shown_as(name: str) -> dict:
    stored = {"status": {"$in": [status.value for status, called in SHOWN.items() if called == name]}}
    if name in ("PENDING", "SCANNED"):
        return {"$and": [stored, {"$or": [_in_time(), {"status": Status.PROCESSING}]}]}
    if name == "FAILED":
        return {"$or": [stored, {"status": {"$in": [*UNPAID]}, "expires_at": {"$lte": clock.now()}}]}
    return stored

"""Ordering vouchers: what they cost, with or without a coupon, and buying them from the wallet."""
from typing import NamedTuple

from aggregations import vouchers as pipelines
from config import settings
from documents import clock
from documents.coupons import OrderKind
from documents.errors import Invalid
from documents.ids import new_uuid
from documents.payments import Kind, Method, Payment, Status
from documents.transactions import atomic, current_session
from documents.users import User
from documents.voucher_types import VoucherType
from services import coupons, payment_books, payments, pos_coupons, voucher_issue
from services.coupon_refusals import CouponUnknown
from services.coupons import Order
from services.ledger import InsufficientFunds


class Draft(NamedTuple):
    """An order that nobody has paid: `payment` is not stored yet."""

    payment: Payment
    type: VoucherType
    wallet: int | None
    """The payer's, if there is one yet."""


class Bought(NamedTuple):
    payment: Payment
    vouchers: list[dict]
    """As they are stored."""


def draft(*, user: User, kind: Kind, voucher_type_id: int, quantity: int = 1, discount_code: str | None = None,
          hold: bool = False) -> Draft:
    """The payment for `quantity` vouchers, in the caller's transaction; price and currency are the house's own.

    A coupon is used for good, or with `hold` for as long as the payment may take. Raises Invalid on
    `voucher_type_id` or `discount_code`, and the CouponRefused that fits.
    """
    currency = settings.current().currency
    row = next(VoucherType.collection().aggregate(
        pipelines.offer(voucher_type_id, payer=user.id, unit=currency), session=current_session()), None)
    if row is None:
        raise Invalid.field("voucher_type_id", "Invalid or inactive voucher type.")
    wallet = next((found["_id"] for found in row.pop("wallets")), None)
    type_ = VoucherType.load(row)
    now, amount = clock.now(), type_.price * quantity
    payment = Payment(
        id=new_uuid(), kind=kind, user=user.id, created_by=user.id, amount=amount, final_amount=amount,
        currency=currency, status=Status.PENDING, created_at=now, updated_at=now,
        purpose={"kind": voucher_issue.PURPOSE, "voucher_type": type_.id, "quantity": quantity})
    if discount_code:
        _take_off(payment, discount_code, user, type_, hold=hold)
    return Draft(payment, type_, wallet)


@atomic
def purchase(*, user: User, voucher_type_id: int, quantity: int = 1, discount_code: str | None = None) -> Bought:
    """Buy vouchers from the user's wallet: money, coupon, payment and vouchers commit together or not at all.

    Raises InsufficientFunds and what `draft` raises.
    """
    payment, type_, wallet = draft(user=user, kind=Kind.WALLET, voucher_type_id=voucher_type_id, quantity=quantity,
                                   discount_code=discount_code)
    if wallet is None and payment.final_amount:
        raise InsufficientFunds
    payment.method, payment.wallet = Method.WALLET, wallet
    payment_books.book_capture(payment, actor=user.id)
    # Stored as paid at once: there is no moment at which anybody could see it waiting.
    payment.status, payment.captured, payment.completed_at = Status.SUCCESS, payment.final_amount, payment.created_at
    # Not `create()`: every field was set just now.
    Payment.insert(payment.to_mongo())
    vouchers = voucher_issue.hand_out(payment, type_)
    payments.announce(payments.EVENTS[Status.SUCCESS], payment)
    return Bought(payment, vouchers)


def _take_off(payment: Payment, code: str, user: User, type_: VoucherType, *, hold: bool) -> None:
    order = Order(amount=payment.amount, kind=OrderKind.VOUCHER, item=type_.id, user=user)
    try:
        if hold:
            # It ends with its payment, which a gateway may keep busy for longer than any hold lasts.
            used = coupons.hold(code=code, order=order, subject=payment.subject, minutes=None)
        else:
            used = coupons.redeem(code=code, order=order, subject=payment.subject)
    except CouponUnknown as error:
        raise Invalid.field("discount_code", "Invalid discount code.") from error
    pos_coupons.put_on(payment, used)

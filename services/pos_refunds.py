"""Refunds at the till: by the owner of the merchant, or by staff."""
from documents.errors import Forbidden, NotFound
from documents.listing import Listing
from documents.merchants import Merchant
from documents.payments import Payment
from documents.permissions import Permission
from documents.refunds import Refund
from documents.transactions import atomic
from documents.users import User
from services import cashiers, pos, refunds


@atomic
def refund(*, user: User, payment_id: str, amount: int | None = None, reason: str = "") -> Refund:
    """Give back `amount` minor units of a payment of the user's merchant, all that is left without one.

    Raises NotFound, Forbidden for a cashier, NotRefundable.
    """
    payment = owned_payment(user, payment_id)
    return refunds.refund_now(payment=payment, amount=amount, actor=user.id, reason=reason)


def owned_payment(user: User, payment_id: str) -> Payment:
    """A POS payment whose money `user` decides on. Raises NotFound, Forbidden for a cashier."""
    payment = Payment.find_one({"$and": [{"_id": payment_id, "kind": "POS"}, cashiers.seen_by(user)]})
    if payment is None:
        raise NotFound
    if not user.can(Permission.MANAGE_MERCHANTS) and Merchant.get(payment.merchant).user != user.id:
        raise Forbidden
    return payment


def of_payment(payment_id: str, *, viewer: User) -> Listing:
    """The refunds of a payment that `viewer` may see, newest first. Raises NotFound."""
    return Listing(Refund, {"payment": pos.get(payment_id, viewer=viewer).id})

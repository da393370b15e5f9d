"""Buying recharges, trying them again, and looking back at them."""
import functools
from collections.abc import Callable

from flask import request

from blueprints.guards import current_user, requires
from blueprints.idempotency import HEADER, REPLAYED_HEADER
from blueprints.schemas.recharges import HistoryFilters, HistoryRow, Purchase, Purchased, PurchaseIn
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import recharge_history, recharges
from services.recharges import Answer

blp = Blueprint("recharges", __name__, url_prefix="/api/purchases", description="Mobile recharges from the wallet")


def keyed(message: str) -> Callable[[Callable[..., Answer]], Callable]:
    """Hand the Idempotency-Key on to the view and say whether its answer is a repeat's.

    A recharge talks to the operator between two transactions, so its key is kept on the recharge itself.
    """

    def decorate(view: Callable[..., Answer]) -> Callable:
        @functools.wraps(view)
        def answer(*args, **kwargs):
            answered = view(*args, key=request.headers.get(HEADER), **kwargs)
            body = {"message": message, "purchase": answered.recharge}
            return (body, {REPLAYED_HEADER: "true"}) if answered.replayed else body

        answer._idempotent = True  # the shell documents the header and its two refusals
        return answer

    return decorate


@blp.route("/purchase/", methods=["POST"])
@requires(Permission.RECHARGE)
@blp.arguments(PurchaseIn)
@blp.response(201, Purchased)
@keyed("Purchase processed successfully")
def purchase(body, key):
    """Recharge a phone from the caller's wallet.

    Too little money is a 201 with `payment_status` failed and `code` INSUFFICIENT_FUNDS; nothing is taken then.
    """
    return recharges.purchase(user=current_user, key=key, **body)


@blp.route("/retry/<int:purchase_id>/", methods=["POST"])
@requires(Permission.RECHARGE)
@blp.response(200, Purchased)
@keyed("Payment retry processed")
def retry(purchase_id, key):
    """Try an own failed recharge again, at its old price."""
    return recharges.retry(user=current_user, recharge_id=purchase_id, key=key)


@blp.route("/history/", methods=["GET"])
@requires(Permission.RECHARGE)
@blp.listing(HistoryRow, HistoryFilters, cursor=True)
def list_history(filters):
    """List the caller's own recharges, newest first."""
    return recharge_history.history(user=current_user, **filters)


@blp.route("/history/<int:purchase_id>/", methods=["GET"])
@requires(Permission.RECHARGE)
@blp.response(200, Purchase)
def show_purchase(purchase_id):
    """Show one of the caller's own recharges."""
    return recharge_history.detail(user=current_user, recharge_id=purchase_id)

"""Prepaid vouchers: buying them from the wallet, redeeming them, giving them away."""
from flask import Response, request

from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.vouchers import (
    AssignIn,
    PurchaseIn,
    PurchaseOut,
    QrArgs,
    Redeemed,
    RedeemIn,
    StatsOut,
    UsageOut,
    VoucherDone,
    VoucherFilters,
    VoucherHistory,
    VoucherOut,
)
from blueprints.shell import Blueprint
from documents.vouchers import Status
from services import voucher_gifts, voucher_orders, voucher_redemption, vouchers
from services.pictures import Format

blp = Blueprint("vouchers", __name__, url_prefix="/api/vouchers", description="Prepaid vouchers")


@blp.route("/my-vouchers/", methods=["GET"])
@requires()
@blp.listing(VoucherOut, VoucherFilters)
def list_own(filters):
    """The caller's vouchers, newest first; `status` is judged at this moment."""
    return vouchers.listing(viewer=current_user, status=Status(filters["status"]) if filters else None)


@blp.route("/given/", methods=["GET"])
@requires()
@blp.listing(VoucherOut)
def list_given():
    """Vouchers that the caller has bought and given away."""
    return vouchers.given_by(viewer=current_user)


@blp.route("/purchase/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(PurchaseIn)
@blp.response(201, PurchaseOut)
def purchase_vouchers(body):
    """Buy 1 to 10 vouchers of a type, paid from the caller's wallet."""
    payment, bought = voucher_orders.purchase(user=current_user, **body)
    return {"message": f"Successfully purchased {len(bought)} voucher(s)", "vouchers": bought,
            "payment_id": payment.id, "total_paid": payment.final_amount, "discount_applied": payment.discount}


@blp.route("/redeem/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(RedeemIn)
@blp.response(200, Redeemed)
def redeem_voucher(body):
    """Redeem a voucher of the caller's, or a bearer's, once."""
    redeemed = voucher_redemption.redeem(user=current_user, ip_address=request.remote_addr,
                                         user_agent=request.user_agent.string, **body)
    return {"message": "Voucher redeemed successfully", **redeemed._asdict()}


@blp.route("/detail/<code>/", methods=["GET"])
@requires()
@blp.response(200, VoucherOut)
def show_voucher(code):
    """One voucher of the caller's, by its code in any case and grouping."""
    return vouchers.get(code, viewer=current_user)


@blp.route("/detail/<code>/history/", methods=["GET"])
@requires()
@blp.response(200, VoucherHistory)
def show_history(code):
    """All that happened to a voucher: for its owner, its buyer and support."""
    return vouchers.history(code, viewer=current_user)


@blp.route("/detail/<code>/qr/", methods=["GET"])
@requires()
@blp.arguments(QrArgs, location="query")
@blp.response(200, {"type": "string"}, content_type="image/svg+xml")
@blp.doc(responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}})
def show_qr(args, code):
    """A voucher of the caller's as a QR code, SVG unless told otherwise."""
    picture = vouchers.picture(code, Format(args["picture"]), viewer=current_user)
    return Response(picture.content, content_type=picture.content_type, headers={"Cache-Control": "private, no-store"})


@blp.route("/detail/<code>/assign/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(AssignIn)
@blp.response(200, VoucherDone)
def assign_voucher(body, code):
    """Give a voucher to a phone number: to the account that has proved it, or to whichever will."""
    return {"message": "Voucher assigned", "voucher": voucher_gifts.assign(user=current_user, code=code, **body)}


@blp.route("/detail/<code>/withdraw/", methods=["POST"])
@requires()
@idempotent
@blp.response(200, VoucherDone)
def withdraw_voucher(code):
    """Take a voucher back that waits for a number which no account has proved."""
    return {"message": "Voucher withdrawn", "voucher": voucher_gifts.withdraw(user=current_user, code=code)}


@blp.route("/stats/", methods=["GET"])
@requires()
@blp.response(200, StatsOut)
def show_stats():
    """How many vouchers the caller has, by state, and their price in all."""
    return vouchers.stats(user=current_user)


@blp.route("/usage-history/", methods=["GET"])
@requires()
@blp.listing(UsageOut)
def list_usages():
    """What the caller has redeemed, newest first."""
    return vouchers.usages(viewer=current_user)

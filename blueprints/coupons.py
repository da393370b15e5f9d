"""Coupons: making, quoting, using and holding them."""
from flask import Response

from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.coupons import (
    Applied,
    ApplyIn,
    CouponDone,
    CouponFilters,
    CouponIn,
    CouponOut,
    CouponTerms,
    PictureArgs,
    QuoteOut,
    RedemptionDone,
    RedemptionFilters,
    RedemptionOut,
    VerifyIn,
)
from blueprints.shell import Blueprint
from services import coupon_desk, coupon_terms, pictures
from services.pictures import Format

blp = Blueprint("coupons", __name__, url_prefix="/api/coupons", description="One coupon engine for every kind of order")


@blp.route("/create/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(CouponIn)
@blp.response(201, CouponDone)
def create_coupon(body):
    """Make a coupon: of the caller's shop, which pays for it, or of the house when staff makes it."""
    return {"message": "Coupon created", "coupon": coupon_terms.create(actor=current_user, **body)}


@blp.route("/list/", methods=["GET"])
@requires()
@blp.listing(CouponOut, CouponFilters, bare=True)
def list_coupons(filters):
    """The coupons of the caller's shop; all for staff."""
    return coupon_terms.listing(viewer=current_user, **filters)


@blp.route("/<int:coupon_id>/", methods=["GET"])
@requires()
@blp.response(200, CouponOut)
def show_coupon(coupon_id):
    """One coupon of the caller's."""
    return coupon_terms.get(coupon_id, viewer=current_user)


@blp.route("/<int:coupon_id>/", methods=["PATCH"])
@requires()
@blp.arguments(CouponTerms)
@blp.response(200, CouponDone)
def change_coupon(body, coupon_id):
    """Change the terms of a coupon; what was given stays as it was given."""
    return {"message": "Coupon updated", "coupon": coupon_terms.change(coupon_id, actor=current_user, **body)}


@blp.route("/<int:coupon_id>/redemptions/", methods=["GET"])
@requires()
@blp.listing(RedemptionOut, RedemptionFilters)
def list_redemptions(filters, coupon_id):
    """Who used a coupon of the caller's, newest first."""
    return coupon_desk.listing(viewer=current_user, coupon_id=coupon_id, **filters)


@blp.route("/<int:coupon_id>/barcode/", methods=["GET"])
@requires()
@blp.arguments(PictureArgs, location="query")
@blp.response(200, {"type": "string"}, content_type="image/svg+xml")
@blp.doc(responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}})
def show_barcode(args, coupon_id):
    """The code of a coupon of the caller's as a Code 128 barcode, SVG unless told otherwise."""
    coupon = coupon_terms.get(coupon_id, viewer=current_user)
    picture = pictures.code128(coupon.code, Format(args.get("picture", Format.SVG)))
    return Response(picture.content, content_type=picture.content_type)


@blp.route("/verify/", methods=["POST"])
@requires()
@blp.arguments(VerifyIn)
@blp.response(200, QuoteOut)
def verify_coupon(body):
    """Quote a code: whether it applies, what it takes off, and why not."""
    quote = coupon_desk.verify(actor=current_user, **body)
    return {"message": quote.refusal.detail if quote.refusal else "Coupon verified", **quote._asdict(),
            "applicable": quote.applicable, "reason": quote.reason}


@blp.route("/apply/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(ApplyIn)
@blp.response(200, Applied)
def apply_coupon(body):
    """Use a coupon at its own till, or reserve it for 15 minutes with `hold`."""
    redemption = coupon_desk.apply(actor=current_user, **body)
    return {"message": "Coupon held" if body["hold"] else "Coupon applied", "redemption": redemption,
            "discount": redemption.discount, "final_amount": redemption.final_amount}


@blp.route("/redemptions/<uuid:redemption_id>/confirm/", methods=["POST"])
@requires()
@idempotent
@blp.response(200, RedemptionDone)
def confirm_redemption(redemption_id):
    """Use what was reserved."""
    confirmed = coupon_desk.confirm(actor=current_user, redemption_id=str(redemption_id))
    return {"message": "Coupon applied", "redemption": confirmed}


@blp.route("/redemptions/<uuid:redemption_id>/release/", methods=["POST"])
@requires()
@idempotent
@blp.response(200, RedemptionDone)
def release_redemption(redemption_id):
    """Give back what was reserved."""
    released = coupon_desk.release(actor=current_user, redemption_id=str(redemption_id))
    return {"message": "Coupon released", "redemption": released}

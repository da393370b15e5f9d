"""Coupons in people's hands: assigned to phones, offered at tills, shown as QR codes."""
from flask import Response

from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.coupons import (
    Assigned,
    AssignIn,
    BarcodesOut,
    OffersIn,
    OffersOut,
    QrIn,
    QrOut,
    ScanIn,
    ScanOut,
)
from blueprints.shell import Blueprint
from services import coupon_offers, coupon_qr, pictures
from services.pictures import Format

blp = Blueprint("coupon-offers", __name__, url_prefix="/api/coupons", description="Coupons in people's hands")


@blp.route("/assign/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(AssignIn)
@blp.response(201, Assigned)
def assign_coupon(body):
    """Give a coupon of the caller's to a phone number."""
    created = coupon_offers.assign(actor=current_user, code=body["coupon_code"], phone=body["phone"])
    return {"message": "Coupon assigned", "created": created}


@blp.route("/by-phone/", methods=["POST"])
@requires()
@blp.arguments(OffersIn)
@blp.response(200, OffersOut)
def best_offer(body):
    """The best coupon that a phone number holds for an order, and the rest."""
    return coupon_offers.by_phone(actor=current_user, **body)


@blp.route("/best-barcode/", methods=["POST"])
@requires()
@blp.arguments(OffersIn)
@blp.response(200, BarcodesOut)
def best_barcode(body):
    """The same as `by-phone`, as values for barcodes."""
    return coupon_offers.by_phone(actor=current_user, **body)


@blp.route("/qr/<int:coupon_id>/", methods=["POST"])
@requires()
@blp.arguments(QrIn)
@blp.response(200, QrOut)
@blp.doc(responses={200: {"content": {"image/svg+xml": {"schema": {"type": "string"}},
                                      "image/png": {"schema": {"type": "string", "format": "binary"}}}}})
def show_qr(body, coupon_id):
    """A token for one scan within five minutes, or its QR code with `picture`."""
    token = coupon_qr.token(actor=current_user, coupon_id=coupon_id, phone=body.get("phone"))
    if "picture" not in body:
        return {"qr_token": token.text, "expires_at": token.expires_at}
    picture = pictures.qr(token.text, Format(body["picture"]))
    return Response(picture.content, content_type=picture.content_type)


@blp.route("/scan/", methods=["POST"])
@requires()
@blp.arguments(ScanIn)
@blp.response(200, ScanOut)
def scan_qr(body):
    """Read a token at the till; it works once."""
    return coupon_qr.scan(actor=current_user, text=body["token"])

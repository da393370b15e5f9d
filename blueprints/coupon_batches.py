"""Codes in bulk: ordered, made by a job, handed out as a file."""
from blueprints.csv_files import csv_file
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.coupons import BatchCode, BatchIn, BatchOrdered, BatchOut
from blueprints.shell import Blueprint
from services import coupon_batches

blp = Blueprint("coupon-batches", __name__, url_prefix="/api/coupons/bulk", description="Codes in bulk")


@blp.route("/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(BatchIn)
@blp.response(202, BatchOrdered)
def order_batch(body):
    """Order up to 100,000 codes under the same terms; a job makes them."""
    return {"message": "Codes are being made", "batch": coupon_batches.order(actor=current_user, **body)}


@blp.route("/", methods=["GET"])
@requires()
@blp.listing(BatchOut)
def list_batches():
    """The batches of the caller's shop; all for staff."""
    return coupon_batches.listing(viewer=current_user)


@blp.route("/<uuid:batch_id>/", methods=["GET"])
@requires()
@blp.response(200, BatchOut)
def show_batch(batch_id):
    """How far a batch has got."""
    return coupon_batches.get(str(batch_id), viewer=current_user)


@blp.route("/<uuid:batch_id>/codes/", methods=["GET"])
@requires()
@blp.response(200, {"type": "string"}, content_type="text/csv")
def download_codes(batch_id):
    """All codes of a batch as a CSV file."""
    batch = coupon_batches.get(str(batch_id), viewer=current_user)
    return csv_file(f"coupons-{batch.id}.csv", BatchCode(), coupon_batches.codes(batch))

"""Buying on instalments, and what was bought."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.purchases import (
    AllPurchaseFilters,
    InstallmentPurchase,
    InstallmentPurchaseIn,
    InstallmentPurchaseRow,
    MethodIn,
    OwnPurchaseFilters,
    PurchaseSettled,
)
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import installments, purchases

blp = Blueprint("purchases", __name__, url_prefix="/api/purchases", description="Purchases on instalments")


@blp.route("/create/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(InstallmentPurchaseIn)
@blp.response(201, InstallmentPurchaseRow)
def create_purchase(body):
    """Buy a product on instalments and pay the first one."""
    return purchases.buy(actor=current_user, **body)


@blp.route("/my/", methods=["GET"])
@requires()
@blp.listing(InstallmentPurchaseRow, OwnPurchaseFilters, bare=True)
def list_own(filters):
    """List the caller's own purchases."""
    return purchases.listing(**filters, customer=current_user.id)


@blp.route("/", methods=["GET"])
@requires(Permission.MANAGE_INSTALLMENTS)
@blp.listing(InstallmentPurchaseRow, AllPurchaseFilters, bare=True)
def list_all(filters):
    """List everybody's purchases."""
    return purchases.listing(**filters)


@blp.route("/<int:purchase_id>/", methods=["GET"])
@requires()
@blp.response(200, InstallmentPurchase)
def show_purchase(purchase_id):
    """Show a purchase with its schedule: an own one, or anybody's for administrators."""
    return purchases.get(viewer=current_user, purchase_id=purchase_id)


@blp.route("/<int:purchase_id>/pay-rest/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(MethodIn)
@blp.response(200, PurchaseSettled)
def pay_rest(body, purchase_id):
    """Pay all that is left of a purchase at once, late fees included."""
    paid = installments.pay_rest(actor=current_user, purchase_id=purchase_id, **body)
    return {"message": "Purchase fully paid.", "purchase": paid}

"""The margins of distributors and retailers."""
from blueprints.guards import current_user, requires
from blueprints.schemas.margins import MarginIn, MarginRow, MarginSet
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import margins

blp = Blueprint("margins", __name__, url_prefix="/api/wallet", description="Margins on recharges")


@blp.route("/set-margin/", methods=["POST"])
@requires(Permission.SET_MARGINS)
@blp.arguments(MarginIn)
@blp.response(200, MarginSet)
def set_margin(body):
    """Give a business its margin: an admin anybody's, a distributor its own retailers' up to its own."""
    return {"message": "User margin set successfully", "margin": margins.set_margin(actor=current_user, **body)}


@blp.route("/margins/", methods=["GET"])
@requires()
@blp.listing(MarginRow, bare=True)
def list_margins():
    """List all margins for an admin; otherwise the caller's own, and a distributor's retailers'."""
    return margins.listing(viewer=current_user)

"""Figures of the voucher shop."""
from blueprints.guards import current_user, requires
from blueprints.schemas.voucher_figures import DashboardOut, PersonOut, RevenueArgs, RevenueOut
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import voucher_figures

blp = Blueprint("voucher_analytics", __name__, url_prefix="/api/analytics", description="Figures of the voucher shop")


@blp.route("/dashboard/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.response(200, DashboardOut)
def show_dashboard():
    """People, vouchers and what was really charged for them, less refunds."""
    return voucher_figures.dashboard()


@blp.route("/user/", methods=["GET"])
@requires()
@blp.response(200, PersonOut)
def show_person():
    """The caller's own vouchers, spending and usage."""
    return voucher_figures.person(user=current_user)


@blp.route("/revenue/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.arguments(RevenueArgs, location="query")
@blp.response(200, RevenueOut)
def show_revenue(args):
    """Charges less refunds of the last `days` days: by day of the business time zone, by type, by way of paying."""
    return voucher_figures.revenue(**args)

"""Figures of merchants."""
from blueprints.guards import current_user, requires
from blueprints.schemas.merchant_analytics import BoardArgs, BoardOut, KpiArgs, KpisOut, SeriesArgs, SeriesOut
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import merchant_reports
from services.merchant_reports import RANGES

blp = Blueprint("merchant_analytics", __name__, url_prefix="/api/analytics", description="Figures of merchants")


@blp.route("/merchant/", methods=["GET"])
@requires()
@blp.arguments(SeriesArgs, location="query")
@blp.response(200, SeriesOut)
def merchant_series(args):
    """Revenue and payments by day in the business time zone; revenue is what was paid less what was given back."""
    days = merchant_reports.series(viewer=current_user, days=RANGES[args["span"]], merchant_id=args.get("merchant"))
    totals = {"revenue": sum(day["revenue"] for day in days), "transactions": sum(day["tx"] for day in days)}
    return {"kpis": totals, "graph": days}


@blp.route("/kpis/", methods=["GET"])
@requires()
@blp.arguments(KpiArgs, location="query")
@blp.response(200, KpisOut)
def merchant_kpis(args):
    """All-time revenue, what was transferred, and what the merchant has still to get."""
    return merchant_reports.kpis(viewer=current_user, merchant_id=args.get("merchant"))


@blp.route("/top-merchants/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.arguments(BoardArgs, location="query")
@blp.response(200, BoardOut)
def top_merchants(args):
    """The merchants with the highest revenue."""
    return {"results": merchant_reports.top(days=RANGES[args["span"]], size=args["size"])}

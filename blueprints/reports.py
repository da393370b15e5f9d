"""Reports of the instalment shop, for who may view them."""
from typing import Any

from flask import Response

from blueprints.csv_files import csv_file
from blueprints.guards import requires
from blueprints.schemas.reports import Chart, CustomerFiguresRow, MonthRow, ReportArgs
from blueprints.shell import Blueprint
from documents.listing import Listing
from documents.permissions import Permission
from services import purchase_reports

blp = Blueprint("reports", __name__, url_prefix="/api/reports", description="What was bought, paid and is due")

SUMS = ("total_purchases", "total_paid", "total_due")


@blp.route("/chart/summary/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.arguments(ReportArgs, location="query")
@blp.response(200, Chart)
def chart(args):
    """Sums by calendar month: of the last six, or of the months from `from` to `to`."""
    shown = purchase_reports.months(args.get("first"), args.get("last"))
    if args["format"] == "csv":
        return csv_file("chart.csv", MonthRow(), ({**vars(row), "month": f"{row.month:%Y-%m}"} for row in shown))
    return {"labels": purchase_reports.labels(shown),
            "datasets": {name: [getattr(row, name) for row in shown] for name in SUMS}}


@blp.route("/payment-summary/weekly/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.listing(CustomerFiguresRow, ReportArgs, bare=True, alongside=False)
def weekly(args):
    """Figures of every user over the last seven days, or from `from` to `to`."""
    return _customers("weekly", 7, **args)


@blp.route("/payment-summary/monthly/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.listing(CustomerFiguresRow, ReportArgs, bare=True, alongside=False)
def monthly(args):
    """Figures of every user over the last thirty days, or from `from` to `to`."""
    return _customers("monthly", 30, **args)


def _customers(name: str, days: int, *, format: str, **ends: Any) -> Listing | Response:
    found = purchase_reports.customers(purchase_reports.span_of(days=days, **ends))
    if format == "csv":
        return csv_file(f"payment-summary-{name}.csv", CustomerFiguresRow(), found.every_row())
    return found

"""Single figures for dashboards: the caller's own, everybody's, and the public one."""
from typing import Any

from flask import Response

from blueprints.csv_files import csv_file
from blueprints.guards import current_user, requires
from blueprints.schemas.base import Schema
from blueprints.schemas.reports import GlobalSummary, ReportArgs, UserStats, UserSummary
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import purchase_reports
from services.purchase_reports import span_of

blp = Blueprint("summaries", __name__, url_prefix="/api", description="Figures for dashboards")


@blp.route("/user/summary/", methods=["GET"])
@requires()
@blp.arguments(ReportArgs, location="query")
@blp.response(200, UserSummary)
def user_summary(args):
    """What the caller bought, paid and owes in all, or from `from` to `to`."""
    return _answer(args, UserSummary(), purchase_reports.customer(current_user.id, _span(args)))


@blp.route("/user-stats/", methods=["GET"])
@requires(Permission.VIEW_REPORTS)
@blp.arguments(ReportArgs, location="query")
@blp.response(200, UserStats)
def user_stats(args):
    """How many users there are, or how many of those who joined from `from` to `to`."""
    return _answer(args, UserStats(), purchase_reports.people(_span(args)))


@blp.route("/public/global-summary/", methods=["GET"])
@blp.arguments(ReportArgs, location="query")
@blp.response(200, GlobalSummary)
def global_summary(args):
    """How many products are on sale, or how many of those that came from `from` to `to`."""
    return _answer(args, GlobalSummary(), purchase_reports.products(_span(args)))


def _span(args: dict[str, Any]) -> purchase_reports.Span:
    return span_of(first=args.get("first"), last=args.get("last"))


def _answer(args: dict[str, Any], schema: Schema, figures: dict[str, Any]) -> dict | Response:
    return csv_file("summary.csv", schema, [figures]) if args["format"] == "csv" else figures

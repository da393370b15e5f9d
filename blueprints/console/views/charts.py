"""Charts: each a page of its own with its table, the same as JSON for the first page, and as CSV."""
import csv
import io
from datetime import date

from flask import Response, abort, jsonify, redirect, request, url_for
from flask_admin import BaseView, expose
from werkzeug.wrappers import Response as BaseResponse

from blueprints.console.pages import Page
from blueprints.csv_files import harmless
from config import settings
from documents import money
from documents.errors import Invalid
from documents.permissions import Permission
from documents.referral_rollups import Span
from documents.wallets import POINTS
from services import console_charts
from services.console_charts import RANGED, Kind, Table

Answer = Response | str | tuple[Response | str, int]
TITLES = {"purchases": "Purchases, paid and due", "revenue": "Daily revenue by product", "referrals": "Referrals",
          "recharges": "Recharge success by provider"}
DRAWN = {"purchases": "bar", "revenue": "stack", "referrals": "line", "recharges": "rate"}
"""How static/charts.js draws each."""
PERIODS = {Span.WEEK.value: "This week", Span.MONTH.value: "This month", Span.ALL.value: "All time"}
EARLIEST, LATEST = 2000, 2100
METRICS = {"count": "Referrals", "cash": "Money earned", "points": "Points earned"}


class Charts(Page):
    permission = Permission.VIEW_REPORTS

    @expose("/")
    def index(self) -> BaseResponse:
        """All of them stand on the first page."""
        return redirect(url_for("admin.index"))

    @expose("/<drawn>/")
    def chart(self, drawn: str) -> Answer:
        """One chart over a range of days."""
        if drawn not in RANGED:
            abort(404)
        try:
            return self._shown(drawn, console_charts.drawn(drawn, _day("from"), _day("to")))
        except Invalid as error:
            return self._refused(drawn, error)

    @expose("/leaderboard/")
    def leaderboard(self) -> Response | str:
        """Who refers most."""
        period, metric = (request.args.get(key, first) for key, first in (("period", "month"), ("metric", "count")))
        if period not in PERIODS or metric not in METRICS:
            abort(404)
        return self._shown("leaderboard", console_charts.leaderboard(period, metric))

    def _shown(self, name: str, table: Table) -> Response | str:
        wanted = request.args.get("format")
        if wanted == "csv":
            return _csv(f"{name}.csv", table)
        if wanted == "json":
            return jsonify(_json(table))
        return self._page(name, table=table)

    def _refused(self, name: str, error: Invalid) -> Answer:
        if request.args.get("format") == "json":
            return jsonify(detail=error.detail), 400
        return self._page(name, refused=error.detail), 400

    def _page(self, name: str, **context: object) -> str:
        return self.render("console/chart.html", name=name, title=TITLES.get(name, "Leaderboard"),
                           drawn=DRAWN.get(name), periods=PERIODS, metrics=METRICS, **context)

    def is_visible(self) -> bool:
        return False


def shown(value: int | float | None, kind: Kind) -> str | int | float | None:
    """A value for a chart or a file: money as its two-decimal text."""
    return money.text(int(value)) if value is not None and kind in (Kind.MONEY, Kind.POINTS) else value


def _json(table: Table) -> dict:
    units = {Kind.MONEY: settings.current().currency, Kind.POINTS: POINTS}
    return {"heading": table.heading, "empty": table.empty,
            "from": table.first and table.first.isoformat(), "to": table.last and table.last.isoformat(),
            "columns": [{"name": column.name, "kind": column.kind, "unit": units.get(column.kind)}
                        for column in table.columns],
            "rows": [{"label": row.label, "user": row.user, "values": _values(table, row)} for row in table.rows]}


def _csv(name: str, table: Table) -> Response:
    text = io.StringIO()
    writer = csv.writer(text)
    people = ["User"] if any(row.user is not None for row in table.rows) else []
    writer.writerow([table.heading, *people, *(harmless(column.name) for column in table.columns)])
    for row in table.rows:
        writer.writerow([harmless(row.label), *([row.user] if people else []),
                         *("" if value is None else value for value in _values(table, row))])
    return Response(text.getvalue(), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _values(table: Table, row: console_charts.Row) -> list:
    return [shown(value, column.kind) for value, column in zip(row.values, table.columns, strict=True)]


def _day(name: str) -> date | None:
    given = request.args.get(name, "").strip()
    try:
        day = date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid.field(name, "Give a day such as 2026-11-21.") from error
    if day is not None and not EARLIEST <= day.year <= LATEST:
        raise Invalid.field(name, f"Give a day between {EARLIEST} and {LATEST}.")
    return day


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Charts(name="Charts", endpoint="reports", url="/reports")]

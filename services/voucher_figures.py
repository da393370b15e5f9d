"""What the voucher shop takes and who uses what: for staff, and for each person about itself."""
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from aggregations import revenue as money_pipelines
from aggregations import voucher_figures as pipelines
from config import settings
from documents import clock
from documents.payments import Payment
from documents.transactions import current_session
from documents.users import User
from documents.vouchers import Status, Voucher
from services import vouchers

WEEK, MONTH = 7, 30
MOST_DAYS = 366


def dashboard() -> dict[str, Any]:
    """Everybody's figures; a week is the last 7 days and a month the last 30, today included. Minor units."""
    week, month = _first_moment(WEEK), _first_moment(MONTH)
    parts = _parts(pipelines.dashboard(clock.now(), week, month))
    states = {name: sum(row[name] for row in parts["vouchers"]) for name in (*vouchers.COUNTS, "issued")}
    issued = {row["_id"]: row for row in parts["vouchers"]}
    sales = {row["_id"]: row["revenue"] for row in parts["sales"]}
    users = _first(parts["users"], total=0, new=0, active=0)
    money = _first(parts["money"], month=0, week=0, payments=0)
    used = _first(parts["usages"], count=0)["count"]
    types = [{**row, "revenue": sales.get(row["_id"], 0), "total_purchased": _of(issued, row, "total"),
              "total_used": _of(issued, row, Status.USED)} for row in parts["types"]]
    return {
        "users": {"total": users["total"], "new_this_week": users["new"], "active_this_month": users["active"]},
        "vouchers": {**states, "issued_this_week": states["issued"], "used_this_week": used},
        "revenue": {"total": sum(sales.values()), "this_week": money["week"], "this_month": money["month"]},
        "voucher_types": sorted(types, key=lambda row: (-row["total_purchased"], row["_id"])),
        "recent_activity": {"payments_this_week": money["payments"], "vouchers_issued_this_week": states["issued"],
                            "vouchers_used_this_week": used}}


def person(*, user: User) -> dict[str, Any]:
    """One person's vouchers, what it has spent on them and what it used. Minor units."""
    parts = _parts(pipelines.person(user.id, vouchers.held_by(user), clock.now()))
    spent = _first(parts["spent"], total=0)["total"]
    bought = _first(parts["bought"], count=0)["count"]
    return {
        "voucher_summary": _first(parts["summary"], **dict.fromkeys(vouchers.COUNTS, 0)),
        "spending": {"total": spent, "average_per_voucher": spent / bought if bought else 0},
        "usage_by_type": parts["types"], "recent_vouchers": [vouchers.shown(row) for row in parts["vouchers"]],
        "recent_usage": parts["usages"]}


def revenue(*, days: int) -> dict[str, Any]:
    """What was charged less what was given back, over the last `days` days with today. Minor units."""
    zone, since = settings.current().timezone, _first_moment(days)
    today = clock.day_of(clock.now(), zone)
    until = clock.day_start(today + timedelta(days=1), zone)
    found = next(Payment.collection().aggregate(money_pipelines.report(since, until, zone.key),
                                                session=current_session()))
    total = sum(row["revenue"] for row in found["days"])
    return {
        "period": {"start_date": today - timedelta(days=days - 1), "end_date": today, "days": days},
        "daily_revenue": found["days"], "revenue_by_type": found["types"], "payment_methods": found["methods"],
        "summary": {"total_revenue": total, "total_payments": sum(row["payments"] for row in found["days"]),
                    "average_daily_revenue": total / days}}


def _first_moment(days: int) -> datetime:
    """When the first of the last `days` days began, in the business time zone."""
    zone = settings.current().timezone
    return clock.day_start(clock.day_of(clock.now(), zone) - timedelta(days=days - 1), zone)


def _parts(pipeline: list[dict]) -> dict[str, list[dict]]:
    parts: dict[str, list[dict]] = defaultdict(list)
    for row in Voucher.collection().aggregate(pipeline, session=current_session()):
        parts[row["part"]].append(row)
    return parts


def _first(rows: list[dict], **otherwise: int) -> dict:
    """The only row, or what stands for none: `$group` says nothing of nothing."""
    return rows[0] if rows else otherwise


def _of(rows: dict[int, dict], type_: dict, name: str) -> int:
    return rows[type_["_id"]][name] if type_["_id"] in rows else 0

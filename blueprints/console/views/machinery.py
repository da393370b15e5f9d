"""The machinery's own records, for whoever looks why something was refused: nothing of them can be changed."""
from flask_admin import BaseView

from blueprints.console.pages import RECORDS, DocumentView
from documents.idempotency import IdempotencyRecord
from documents.ids import Counter
from documents.job_runs import JobRun
from documents.otps import Otp
from documents.permissions import Permission
from documents.staff_spending import StaffSpending
from documents.throttles import Throttle


class Throttles(DocumentView):
    permission = Permission.MANAGE_JOBS
    searched = ("key",)
    column_list = ("key", "count", "expires_at")
    column_labels = {"key": "What is counted", "expires_at": "Until"}
    column_default_sort = ("expires_at", True)
    empty = "Nobody is close to a limit."


class Otps(DocumentView):
    permission = Permission.MANAGE_USERS
    searched = ("address",)
    phones = ("address",)
    hidden = ("digest",)
    column_list = ("address", "purpose", "tries", "subject", "contested", "expires_at")
    column_labels = {"address": "Sent to", "subject": "Signup or customer"}
    column_default_sort = ("forgotten_at", True)
    empty = "No one-time code is on its way."


class IdempotencyRecords(DocumentView):
    permission = Permission.MANAGE_JOBS
    searched = ("id",)
    hidden = ("body", "fingerprint")
    column_list = ("id", "status", "expires_at")
    column_labels = {"id": "Caller, route and key", "status": "Answer"}
    column_default_sort = ("expires_at", True)
    empty = "No request with an Idempotency-Key in the last 24 hours."


class Counters(DocumentView):
    permission = Permission.MANAGE_JOBS
    few = True
    column_list = ("name", "value")
    column_labels = {"name": "Sequence", "value": "Highest id handed out"}
    column_default_sort = ("name", False)
    empty = "No id was handed out yet."


class JobRuns(DocumentView):
    permission = Permission.MANAGE_JOBS
    few = True
    column_list = ("name", "started_at", "finished_at", "ok", "error")
    column_default_sort = ("name", False)
    empty = "No job of the schedule has run yet. Start the clock and a worker."


class StaffSpendings(DocumentView):
    permission = Permission.MANAGE_STAFF
    searched = ("key",)
    money = ("moves.amount",)
    column_list = ("key", "moves", "expires_at")
    column_labels = {"key": "Staff and customer"}
    column_default_sort = ("expires_at", True)
    empty = "No member of staff moved money alone in the last day."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": RECORDS}
    return [
        JobRuns(JobRun, "Job runs", endpoint="job_runs", **area),
        Otps(Otp, "One-time codes", endpoint="otps", **area),
        Throttles(Throttle, "Limits", endpoint="throttles", **area),
        IdempotencyRecords(IdempotencyRecord, "Repeated requests", endpoint="idempotency", **area),
        StaffSpendings(StaffSpending, "Money moved by staff", endpoint="staff_spending", **area),
        Counters(Counter, "Counters", endpoint="counters", **area),
    ]

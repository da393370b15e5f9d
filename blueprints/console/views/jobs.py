"""Operations: queues and workers, what failed, the schedule, what waits, and the proof of the books."""
from collections.abc import Callable
from typing import Any, NamedTuple

from bson import ObjectId
from flask import Response, current_app, flash, jsonify, redirect, request, url_for
from flask_admin import BaseView, expose
from redis.exceptions import RedisError

from blueprints.console import queues, timetable
from blueprints.console.access import client_address, staff
from blueprints.console.errors import told
from blueprints.console.pages import DocumentView, Page
from documents.errors import DomainError, NotFound
from documents.permissions import Permission
from documents.verifications import Verification
from services import backlog, staff_actions, verifications


class Jobs(Page):
    permission = Permission.MANAGE_JOBS

    @expose("/")
    def index(self) -> str:
        """Everything at a glance; without Redis, what the database knows."""
        redis = _of_redis()
        return self.render(
            "console/jobs.html", redis=redis, open=Verification.open(), latest=Verification.latest(),
            lines=timetable.lines(current_app.config["SCHEDULE"], redis.clocks if redis else []),
            counts=backlog.counts(), most=backlog.COUNTED_TO,
            events=backlog.troubled_events(), gateway_events=backlog.troubled_gateway_events())

    @expose("/failed/<queue>/")
    def failed(self, queue: str) -> str:
        """The failed jobs of a queue, a page of them."""
        page = min(max(request.args.get("page", 0, type=int), 0), 500)
        return self.render("console/failed_jobs.html", queue=queue, number=page, jobs=queues.failures(queue, page=page),
                           full=queues.PAGE, most=queues.MOST_RETRIED)

    @expose("/failed/<queue>/retry/", methods=("POST",))
    def retry(self, queue: str) -> Response:
        """Start one failed job again, or all of them."""
        chosen = request.form.get("id", "")[:100]
        # The line first: nothing is started that the audit list does not know of, should a server go away between.
        _noted("job.retry" if chosen else "job.retry_all", chosen or queue)
        if chosen:
            return _told(lambda: queues.retry(queue, chosen), "The job is in its queue again.", back=_failed(queue))
        flash(f"Started again: {queues.retry_all(queue)}.", "success")
        return redirect(_failed(queue))

    @expose("/failed/<queue>/forget/", methods=("POST",))
    def forget(self, queue: str) -> Response:
        """Delete one failed job."""
        chosen = request.form.get("id", "")[:100]
        _noted("job.forget", chosen)
        return _told(lambda: queues.forget(queue, chosen), "The job is forgotten.", back=_failed(queue))

    @expose("/verify/", methods=("POST",))
    def verify(self) -> Response:
        """Have the books proved."""
        return _told(lambda: verifications.order(actor=staff, address=client_address()),
                     "The books are being proved; this page shows how far it is.")

    @expose("/verification/")
    def verification(self) -> Response:
        """How far the proof is, for scripts."""
        running = Verification.open()
        return jsonify(open=running is not None, done=len(running.checks) if running else 0,
                       planned=running.planned if running else 0)

    @expose("/events/retry/", methods=("POST",))
    def retry_event(self) -> Response:
        """Have an event dispatched again."""
        chosen = request.form.get("id", "")
        if not ObjectId.is_valid(chosen):
            raise NotFound
        return _told(lambda: backlog.retry_event(event_id=ObjectId(chosen), actor=staff, address=client_address()),
                     "The event is tried again within a minute.")

    @expose("/gateway-events/retry/", methods=("POST",))
    def retry_gateway_event(self) -> Response:
        """Have a gateway's webhook applied again."""
        chosen = request.form.get("id", "")[:300]
        return _told(
            lambda: backlog.retry_gateway_event(event_id=chosen, actor=staff, address=client_address()),
            "The webhook is tried again within a minute.")


class Verifications(DocumentView):
    permission = Permission.MANAGE_JOBS
    people = ("ordered_by",)
    column_list = ("id", "origin", "ordered_at", "finished_at", "ok", "breaks", "counted")
    column_labels = {"id": "Proof", "ok": "Books right", "counted": "Checked"}
    column_default_sort = ("finished_at", True)
    empty = "The books were not proved yet. Order it on the jobs page."


class _OfRedis(NamedTuple):
    queues: list[queues.QueueState]
    workers: list[queues.WorkerState]
    clocks: list[Any]


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Jobs(name="Jobs", category="Operations", endpoint="jobs", url="/jobs"),
            Verifications(Verification, "Proofs of the books", category="Operations", endpoint="verifications")]


def _of_redis() -> _OfRedis | None:
    """What Redis knows; None when it is away, which is no reason to hide the rest."""
    try:
        named = dict.fromkeys(job.queue for job in current_app.config["SCHEDULE"])
        return _OfRedis(queues.states(named), queues.workers(), timetable.clocks())
    except RedisError:
        return None


def _told(act: Callable[[], Any], done: str, *, back: str = "") -> Response:
    try:
        act()
        flash(done, "success")
    except DomainError as error:
        flash(told(error), "error")
    return redirect(back or url_for("jobs.index"))


def _noted(name: str, subject: str) -> None:
    staff_actions.record(name=name, subject=f"job:{subject}", actor=staff.id, address=client_address())


def _failed(queue: str) -> str:
    return url_for("jobs.failed", queue=queue)

"""Where staff start: today in figures, what waits for a person, and what happens right now."""
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_admin import AdminIndexView, expose

from blueprints.console import access, links
from blueprints.console.access import staff
from blueprints.console.errors import told
from blueprints.console.pages import Guarded
from blueprints.console.tiles import tiles_of
from blueprints.console.views.charts import DRAWN, METRICS, PERIODS, TITLES
from documents.errors import DomainError
from documents.events import NEEDS_A_PERSON
from documents.permissions import Permission
from services import console_attention, console_figures, realtime_staff
from services.console_attention import MOST_SHOWN
from services.console_figures import Figures

NEWEST = 50
BY_HAND = ("wallet.funded", "wallet.debited", "wallet.transferred")


class Home(Guarded, AdminIndexView):
    permission = Permission.VIEW_REPORTS

    @expose("/")
    def index(self) -> str:
        """The page itself; staff who may not see figures are shown the way to what they may."""
        if not staff.can(self.permission):
            return self.render("console/home_plain.html")
        found = console_figures.today()
        return self.render("console/home.html", tiles=tiles_of(found), drawn=DRAWN, titles=TITLES, periods=PERIODS,
                           metrics=METRICS, feed=_feed(), **_waiting(found))

    @expose("/figures/")
    def figures(self) -> Response:
        """The figures of the tiles by their keys, and the list of what needs a person."""
        self._check()
        found = console_figures.today()
        lines = [line for tile in tiles_of(found) for line in tile.lines]
        waiting = _waiting(found)
        return jsonify(lines={line.key: line.shown for line in lines}, listed=waiting["listed"],
                       attention=render_template("console/attention.html", **waiting))

    @expose("/socket/")
    def socket(self) -> Response:
        """A token for the socket of this page."""
        self._check()
        token, seconds = access.realtime_token()
        return jsonify(token=token, expires_in=seconds)

    @expose("/feed/")
    def feed(self) -> Response:
        """The newest events in the form that the socket sends them in, newest first."""
        self._check()
        return jsonify(frames=[realtime_staff.shown(row) | {"event_id": str(row["_id"])}
                               for row in console_attention.newest(NEWEST)])

    @expose("/attention/<event_id>/", methods=["POST"])
    def tick_off(self, event_id: str) -> Any:
        """Take an event off the list of what needs a person."""
        if not may_tick():
            abort(403)
        try:
            console_attention.tick_off(event_id=event_id, actor=staff.id, address=access.client_address(),
                                       reason=request.form.get("reason", "").strip()[:500])
            flash("Ticked off. The audit list says who did it.", "success")
        except DomainError as error:
            flash(told(error), "error")
        return redirect(url_for("admin.index"))

    def is_accessible(self) -> bool:
        """Everybody at the console lands here."""
        return True

    def _check(self) -> None:
        if not staff.can(self.permission):
            abort(403)


def may_tick() -> bool:
    """Whether whoever is at the console may say that something has been dealt with."""
    return staff.can(Permission.MANAGE_JOBS)


def _waiting(found: Figures) -> dict[str, Any]:
    """What the list of what needs a person shows; `listed` says whether it has changed."""
    waiting = console_attention.waiting()
    return {"waiting": waiting, "most": MOST_SHOWN, "may_tick": may_tick(), "given_up": found.parked,
            "link": links.subject, "listed": " ".join([str(found.parked), *(str(event.id) for event in waiting)])}


def _feed() -> dict:
    """What feed.js has to know."""
    return {"token": url_for("admin.socket"), "feed": url_for("admin.feed"), "pages": _pages(),
            "left_out": console_attention.NOTICE,
            "urgent": sorted(NEEDS_A_PERSON | set(realtime_staff.PARKED.values()))}


def _pages() -> dict[str, str]:
    """Where the feed finds the page of a subject: by its kind, with `__id__` for the id."""
    pages = {kind: url_for(f"{endpoint}.details_view", id="__id__") for kind, endpoint in links.SUBJECTS.items()}
    # Money moved by hand is its ledger entry and nothing else: the subject is the entry's whole reference.
    pages |= {kind: url_for("entries.page", reference=f"{kind}:__id__") for kind in BY_HAND}
    if staff.can(Permission.MANAGE_USERS):
        pages["user"] = url_for("customers.page", user_id=0).replace("/0/", "/__id__/")
    return pages

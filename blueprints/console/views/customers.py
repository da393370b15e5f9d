"""A customer's page: everything about one of them."""
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import BaseView, expose
from werkzeug.wrappers import Response

from aggregations.customers import COUNTED_TO
from blueprints.console import ledger_words, links
from blueprints.console.access import client_address, staff
from blueprints.console.errors import told
from blueprints.console.pages import Page
from documents import clock
from documents.errors import DomainError, NotFound
from documents.permissions import Permission
from documents.users import User
from documents.vouchers import state_of
from services import account_switch, customer_facts, customer_schedules, customer_timeline, session_revocation
from services.ledger import wallet_account


class Customer(Page):
    permission = Permission.MANAGE_USERS

    @expose("/")
    def index(self) -> Any:
        """Without an id there is only the list."""
        return redirect(url_for("users.index_view"))

    @expose("/<int:user_id>/")
    def page(self, user_id: int) -> str:
        """One customer: what is true now, and everything that happened."""
        person = User.get(user_id)
        chosen = [kind for kind in request.args.getlist("kind") if kind in customer_timeline.KINDS]
        cursor = request.args.get("before")
        found = customer_timeline.page(user=person, kinds=chosen, cursor=cursor)
        facts, here = customer_facts.of(person), partial(url_for, ".page", user_id=user_id, kind=chosen)
        return self.render(
            "console/customer.html", person=person, facts=facts, timeline=found, chosen=chosen,
            totals=customer_timeline.totals(user=person), most=COUNTED_TO,
            older=here(before=found.older) if found.older else None, newest=here() if cursor else None,
            accounts={wallet_account(wallet["_id"]) for wallet in facts.wallets}, links=links, words=ledger_words,
            bars=customer_schedules.bars, state_of=lambda row: state_of(row, clock.now()))

    @expose("/<int:user_id>/sessions/<sid>/revoke/", methods=["POST"])
    def revoke(self, user_id: int, sid: str) -> Response:
        """End one session."""
        try:
            session_revocation.revoke(user_id=user_id, sid=sid, **_told())
        except NotFound:
            flash("That session has ended already.", "error")
        else:
            flash("The session has ended.", "success")
        return redirect(url_for(".page", user_id=user_id))

    @expose("/<int:user_id>/sessions/revoke/", methods=["POST"])
    def revoke_all(self, user_id: int) -> Response:
        """End every session."""
        ended = session_revocation.revoke_all(user_id=user_id, **_told())
        flash(f"{ended} session{'' if ended == 1 else 's'} ended." if ended else "There was no session to end.",
              "success")
        return redirect(url_for(".page", user_id=user_id))

    @expose("/<int:user_id>/switch/", methods=["POST"])
    def switch(self, user_id: int) -> Response:
        """Deactivate the account, or activate it again."""
        active = request.form.get("active") == "yes"
        try:
            account_switch.switch(user_id=user_id, active=active, **_told())
        except DomainError as error:
            flash(told(error), "error")
        else:
            flash(f"The account is {'active' if active else 'deactivated'} now.", "success")
        return redirect(url_for(".page", user_id=user_id))

    def is_visible(self) -> bool:
        return False


def _told() -> dict[str, Any]:
    """Who does it, from where, and why."""
    return {"actor": staff, "address": client_address(), "reason": request.form.get("reason", "").strip()[:500]}


def views() -> list[BaseView]:
    """The pages of this area."""
    return [Customer(name="Customer", category="People", endpoint="customers", url="/customers")]

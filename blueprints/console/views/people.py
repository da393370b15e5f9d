"""What there is around people: their logins, signups, notices and browsers."""
from typing import Any

from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.filters import NEWEST
from blueprints.console.pages import RECORDS, DocumentView
from documents.low_balances import LowBalanceMark
from documents.notifications import Notification
from documents.password_resets import PasswordReset
from documents.permissions import Permission
from documents.push_subscriptions import PushSubscription
from documents.sessions import Session
from documents.signups import Signup

KNOWN = 24
"""How much of a session's id, a UUIDv7, its pages and addresses show: the rest is what nobody can guess."""


class Sessions(DocumentView):
    permission = Permission.MANAGE_USERS
    people = ("user",)
    codes = ("id",)
    column_list = ("user", "device", "address", "console", "created_at", "refreshed_at", "expires_at")
    column_filters = (filters.number("user", "Customer", order=NEWEST),)
    empty = "Nobody is signed in. Sessions appear here with every login; end them on the customer's page."

    def get_pk_value(self, model: Session) -> str:
        return str(model.id)[:KNOWN]

    def get_one(self, id: Any) -> Session | None:
        """The session whose id begins like this."""
        start = str(id)
        return Session.find_one({"_id": {"$gte": start, "$lt": f"{start}\uffff"}}) if len(start) == KNOWN else None


class Signups(DocumentView):
    permission = Permission.MANAGE_USERS
    ids = ("id",)
    hidden = ("password",)
    column_list = ("id", "email", "phone", "first_name", "last_name", "created_at", "expires_at")
    empty = "Nobody is signing up right now. Who has not entered the code yet waits here."


class PasswordResets(DocumentView):
    permission = Permission.MANAGE_USERS
    people = ("user",)
    ids = ("user",)
    hidden = ("digest",)
    column_list = ("user", "email", "expires_at")
    column_default_sort = ("expires_at", True)
    empty = "No link to set a new password is on its way."


class Notifications(DocumentView):
    permission = Permission.MANAGE_USERS
    people = ("user",)
    ids = ("id",)
    searched = ("key",)
    column_list = ("id", "user", "kind", "title", "created_at", "read_at", "is_archived")
    column_filters = (
        filters.number("user", "Customer", order=NEWEST, also={"is_archived": {"$in": [False, True]}}),)
    empty = "Nobody was told anything in the app yet."


class PushSubscriptions(DocumentView):
    permission = Permission.MANAGE_USERS
    people = ("user",)
    hidden = ("endpoint", "p256dh", "auth")
    column_list = ("user", "device", "created_at")
    column_filters = (filters.number("user", "Customer", order=NEWEST),)
    empty = "No browser takes push notices yet. People switch them on in their own settings."


class LowBalanceMarks(DocumentView):
    permission = Permission.FUND_WALLETS
    people = ("user",)
    ids = ("user",)
    column_list = ("user", "is_low", "crossings")
    column_default_sort = ("user", True)
    empty = "No balance has fallen below the threshold yet."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "People"}
    return [
        Sessions(Session, "Sessions", endpoint="sessions", **area),
        Signups(Signup, "Signups", endpoint="signups", category=RECORDS),
        PasswordResets(PasswordReset, "Password resets", endpoint="password_resets", category=RECORDS),
        Notifications(Notification, "Notices", endpoint="notifications", **area),
        PushSubscriptions(PushSubscription, "Push subscriptions", endpoint="push_subscriptions", category=RECORDS),
        LowBalanceMarks(LowBalanceMark, "Low balances", endpoint="low_balance_marks", category=RECORDS),
    ]

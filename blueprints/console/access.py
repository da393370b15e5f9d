"""Who is at the console: a signed cookie names a session, which ends after half an hour without a click."""
from datetime import timedelta
from urllib.parse import quote

import jwt
from flask import Flask, Response, g, redirect, request, session, url_for
from werkzeug.local import LocalProxy

from config import settings
from documents import clock
from documents.errors import Unauthenticated
from documents.sessions import Session
from documents.users import User
from services import sessions, staff_actions
from services.sessions import SignedIn

OPEN_TO_ALL = frozenset({"login.form", "login.enter", "console.static", "bootstrap.static", "charts.static",
                         "admin.static"})
BY_ITSELF = frozenset({"admin.figures", "admin.socket", "admin.feed", "jobs.verification"})
"""What an open page asks for without anybody's click: it does not keep a session alive."""
REALTIME_TOKEN_LIFETIME = timedelta(minutes=15)


def register(app: Flask) -> None:
    """Let only staff past the login page, whatever the view behind it checks."""
    app.before_request(_need_staff)
    app.context_processor(lambda: {"staff": g.get("user")})
    app.jinja_env.globals.update(may_act=lambda name, subject: staff_actions.may_act(staff, name, subject))


def begin(signed_in: SignedIn) -> None:
    """Bind this browser to a fresh console session; whatever its cookie held before is forgotten."""
    session.clear()
    session["sid"], session["user"] = signed_in.session.id, signed_in.user.id


def end() -> None:
    """Log this browser out."""
    if "sid" in session:
        Session.end(sid=session["sid"], user_id=session["user"])
    session.clear()


def realtime_token() -> tuple[str, int]:
    """A token that is good for the socket only, and its lifetime in seconds."""
    now = clock.now()
    expires = int((now + REALTIME_TOKEN_LIFETIME).timestamp())
    claims = {"sub": str(staff.id), "user_id": staff.id, "sid": session["sid"], "token_type": "realtime",
              "iat": int(now.timestamp()), "exp": expires}
    return jwt.encode(claims, settings.current().key_for("jwt"), "HS256"), int(
        REALTIME_TOKEN_LIFETIME.total_seconds())


def client_address() -> str:
    """Of whoever sent this request."""
    return request.remote_addr or ""


def _need_staff() -> Response | None:
    if request.endpoint in OPEN_TO_ALL:
        return None
    user = _signed_in()
    if user is None:
        session.clear()
        if request.accept_mimetypes.best == "application/json":
            raise Unauthenticated("You have been signed out.")
        wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(url_for("login.form") + (f"?next={quote(wanted)}" if wanted.strip("/") else ""))
    g.user = user
    return None


def _signed_in() -> User | None:
    if "sid" not in session:
        return None
    return sessions.console_caller(sid=session["sid"], user_id=session["user"],
                                   clicked=request.endpoint not in BY_ITSELF)


def _staff() -> User:
    return g.user


staff: User = LocalProxy(_staff)  # type: ignore[assignment]
"""The person at the console, in every view behind the login."""

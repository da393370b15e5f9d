"""JWTs and the session reply: made of a service's `SignedIn`, in this one place."""
from datetime import timedelta

from flask import g, request
from flask_jwt_extended import create_access_token, create_refresh_token
from werkzeug.http import dump_cookie

from blueprints.guards import COOKIE, authenticate, token_claims
from config import settings
from documents import clock
from documents.errors import Unauthenticated
from documents.users import Caller
from services.cards import card
from services.sessions import Device, SignedIn, TokenNotValid


def caller_device() -> Device:
    """Where the request comes from."""
    return Device.of(request.user_agent.string, request.remote_addr)


def current_sid() -> str:
    """The session that this guarded request came with."""
    return g.sid


def optional_user() -> Caller | None:
    """The caller of a public route that also serves people who are logged in; a stale token counts as none."""
    try:
        return authenticate()
    except Unauthenticated:
        return None


def session_reply(signed_in: SignedIn, message: str = "Login successful") -> dict:
    """The session reply; the mirrored keys are what the old clients read."""
    access, refresh, user = _access(signed_in), _refresh(signed_in), card(signed_in.user)
    return {
        "message": message, "valid": True,
        "detail": message if signed_in.user.password else f"{message}. Set a password to log in without a code.",
        "access": access, "refresh": refresh, "expires_in": _access_seconds(), "user": user,
        "access_token": access, "refresh_token": refresh, "user_data": user, "token": access,
        "tokens": {"access": access, "refresh": refresh},
    }


def with_cookie(reply: dict, status: int = 200) -> tuple[dict, int, dict]:
    """The session reply with its access token in the cookie too, for clients that keep nothing themselves."""
    return reply, status, {"Set-Cookie": _cookie(reply["access"], _access_seconds())}


def without_cookie(reply: dict) -> tuple[dict, int, dict]:
    """A reply that takes the cookie back."""
    return reply, 200, {"Set-Cookie": _cookie("", 0)}


def refresh_claims(token: str) -> dict:
    """sid, user_id and generation of a genuine refresh token. Raises TokenNotValid."""
    claims = token_claims(token, "refresh")
    if not isinstance(claims.get("gen"), int):
        raise TokenNotValid
    return {"sid": claims["sid"], "user_id": claims["user_id"], "generation": claims["gen"]}


def _access(signed_in: SignedIn) -> str:
    # Never longer than the session: with very long access lifetimes the token would promise too much.
    expires = min(int(clock.now().timestamp()) + _access_seconds(), int(signed_in.session.expires_at.timestamp()))
    return create_access_token(str(signed_in.user.id), additional_claims=_claims(signed_in, "access", expires))


def _refresh(signed_in: SignedIn) -> str:
    expires = int(signed_in.session.expires_at.timestamp())
    claims = {**_claims(signed_in, "refresh", expires), "gen": signed_in.session.generation}
    return create_refresh_token(str(signed_in.user.id), additional_claims=claims)


def _claims(signed_in: SignedIn, token_type: str, expires: int) -> dict:
    # The times are documents.clock's, which guards.py judges them by; the library would take the machine's.
    now = int(clock.now().timestamp())
    return {"sid": signed_in.session.id, "user_id": signed_in.user.id, "token_type": token_type,
            "iat": now, "nbf": now, "exp": expires}


def _access_seconds() -> int:
    return settings.current().jwt_access_token_lifetime * 60


def _cookie(value: str, max_age: int) -> str:
    return dump_cookie(COOKIE, value, max_age=timedelta(seconds=max_age), httponly=True, samesite="Lax", path="/",
                       secure=settings.current().production)

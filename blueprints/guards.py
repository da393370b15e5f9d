"""Who is calling, and whether they may: the outermost decorator of every route that is not public."""
import functools
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import jwt
from flask import g, request
from pymongo.errors import ConnectionFailure
from werkzeug.local import LocalProxy

from config import settings
from documents import clock
from documents.errors import Forbidden, Unauthenticated
from documents.permissions import Permission
from documents.sessions import Check
from documents.users import Caller, ExpectedCaller, User
from services.sessions import TokenNotValid

COOKIE = "token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Expiry is judged by documents.clock, which demos may move; the library only knows the machine's time.
_CHECKS = {"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}


class UserInactive(Unauthenticated):
    code = "user_inactive"
    detail = "User is inactive"


class ForeignOrigin(Forbidden):
    """A page of another origin tried to act with the cookie of the person who looks at it."""

    code = "origin_not_allowed"
    detail = "Requests from this origin may not use the session cookie."


def requires(*permissions: Permission, with_wallets: bool = False) -> Callable[[Callable], Callable]:
    """Let only signed-in callers in who hold every one of `permissions` (none: signed in is enough).

    `with_wallets` reads `current_user.row["wallets"]` in the same round trip.
    Raises Unauthenticated (401) or Forbidden (403), before arguments are looked at.
    """

    def decorate(view: Callable) -> Callable:
        alongside = getattr(view, "takes_check", False)

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if alongside and (answer := _checked_alongside(view, permissions, args, kwargs)) is not None:
                return answer
            caller = authenticate(with_wallets)
            if not all(map(caller.can, permissions)):
                raise Forbidden
            return view(*args, **kwargs)

        guarded._guarded = True
        return guarded

    return decorate


def authenticate(with_wallets: bool = False) -> Caller:
    """The caller of this request, read once. Raises Unauthenticated, or ForeignOrigin for a borrowed cookie."""
    caller = g.get("user")
    if caller is None:
        claims = token_claims(_sent_token(), "access")
        check = Check(sid=claims["sid"], user_id=claims["user_id"], now=clock.now())
        row = check.ask_with_wallets() if with_wallets else check.ask()
        if row is None:
            raise _why_not(claims["user_id"])
        caller, g.sid = Caller(row), claims["sid"]
        g.user = caller
        _bearer(g.sid).facts = caller.facts
    return caller


class NotAlongside(Exception):
    """What this view reads takes no check along."""


def _checked_alongside(view: Callable, permissions: Sequence[Permission], args: tuple, kwargs: dict) -> Any:
    """What `view` answers whoever came with this session last, if its own read proves that nothing has changed since.

    Else None: the caller has to be asked for first. Only for views that write nothing, for they may run twice.
    """
    claims = token_claims(_sent_token(), "access")
    facts = _bearer(claims["sid"]).facts
    if facts is None:
        return None
    caller = ExpectedCaller(facts)
    if not all(map(caller.can, permissions)):
        return None
    g.user, g.sid = caller, claims["sid"]
    g.check = Check(sid=claims["sid"], user_id=claims["user_id"], now=clock.now())
    try:
        answer = view(*args, **kwargs)
        proved = g.check.row is not None and Caller(g.check.row).facts == facts
    except ConnectionFailure:
        raise
    except Exception:  # noqa: BLE001 a refusal or a bug: met again, and answered, once it is known who asks
        proved = False
    finally:
        del g.check
    if proved:
        return answer
    del g.user
    return None


class _Bearer:
    """Who came with a session last, as `Caller.facts`: an expectation that each use has to prove."""

    facts: dict | None = None


@functools.lru_cache(maxsize=4096)
def _bearer(_sid: str) -> _Bearer:
    return _Bearer()


def token_claims(token: str, *token_types: str) -> dict:
    """The claims of a genuine, unexpired token of one of these types. Raises TokenNotValid."""
    claims = _genuine_claims(token, settings.current().key_for("jwt"))
    if claims.get("token_type") not in token_types:
        raise TokenNotValid("Token has wrong type")
    if not (isinstance(claims["exp"], int) and claims["exp"] > clock.now().timestamp()):
        raise TokenNotValid("Token is invalid or expired")
    if not isinstance(claims.get("sid"), str) or not isinstance(claims.get("user_id"), int):
        raise TokenNotValid
    return claims


@functools.lru_cache(maxsize=4096)
def _genuine_claims(token: str, key: bytes) -> dict:
    """What a token with a right signature says; that never changes, so it is checked once a process. Read only."""
    try:
        return jwt.decode(token, key, algorithms=["HS256"], options=_CHECKS)
    except jwt.InvalidTokenError as error:
        raise TokenNotValid from error


def _sent_token() -> str:
    """From the header, else the cookie; a bad header is not rescued by a good cookie."""
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        return token.strip()
    token = request.cookies.get(COOKIE)
    if not token:
        raise Unauthenticated
    if request.method not in SAFE_METHODS:
        _check_origin()
    return token


def _check_origin() -> None:
    """Refuse a cookie from a page we do not know; browsers send Origin with every unsafe request."""
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.current().cors_allowed_origins:
        return
    if urlsplit(origin).netloc != request.host:
        raise ForeignOrigin


def _why_not(user_id: int) -> Unauthenticated:
    # Only on the way to a refusal: deactivation deletes the sessions, so the session alone cannot tell why.
    inactive = User.collection().find_one({"_id": user_id, "is_active": False}, {"_id": 1})
    return UserInactive() if inactive else TokenNotValid()


current_user: User = LocalProxy(authenticate)  # type: ignore[assignment]

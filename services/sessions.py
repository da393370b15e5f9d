"""Logging in and staying logged in: opening, refreshing and ending sessions."""
from dataclasses import dataclass
from datetime import timedelta

from config import settings
from documents import clock
from documents.errors import InvalidCredentials, NotFound, Unauthenticated
from documents.ids import new_uuid
from documents.sessions import Session
from documents.transactions import atomic
from documents.users import User

CONSOLE_IDLE = timedelta(minutes=30)
CONSOLE_LONGEST = timedelta(hours=12)


class TokenNotValid(Unauthenticated):
    code = "token_not_valid"
    detail = "Given token not valid for any token type"


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where a login comes from, as its owner will read it in the list of sessions; `address` is of the network."""

    agent: str = ""
    address: str = ""

    @classmethod
    def of(cls, agent: str, address: str | None) -> "Device":
        """Cut to what a session keeps of it."""
        return cls(agent=agent[:300], address=(address or "")[:45])


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A user and the session just opened or refreshed; the HTTP layer makes tokens of it."""

    user: User
    session: Session


@atomic
def open_session(*, user: User, device: Device, proved: str = "", console: bool = False) -> SignedIn:
    """Open a session for `user` as it was read; `proved` is the address whose code was entered, if one was.

    One of the admin console (`console`) ends when it is idle for `CONSOLE_IDLE`.
    The login is a compare-and-set on the user: a deactivation or a password change that commits first
    makes this raise InvalidCredentials, one that commits later finds the session and deletes it.
    """
    now = clock.now()
    found = User.change({"_id": user.id, "is_active": True, "password": user.password},
                        {"$set": {"last_login": now}})
    if found is None:
        raise InvalidCredentials
    session = Session(id=new_uuid(), user=user.id, device=device.agent, address=device.address,
                      proved=proved, console=console or None, created_at=now, refreshed_at=now,
                      expires_at=now + (CONSOLE_IDLE if console else _lifetime())).create()
    return SignedIn(user=found, session=session)


def refresh(*, sid: str, user_id: int, generation: int) -> SignedIn:
    """Use a refresh token. Raises TokenNotValid; a token used before also ends its session, for one of its
    two holders is a thief and nobody can tell which."""
    now = clock.now()
    if settings.current().jwt_rotate_refresh_tokens:
        session = Session.rotate(sid=sid, user_id=user_id, generation=generation, now=now,
                                 expires_at=now + _lifetime())
        if session is None:
            Session.end(sid=sid, user_id=user_id)
    else:
        session = Session.find_one({"_id": sid, "user": user_id, "expires_at": {"$gt": now}})
    user = User.find_one({"_id": user_id, "is_active": True}) if session is not None else None
    if session is None or user is None:
        raise TokenNotValid("Token is invalid or expired")
    return SignedIn(user=user, session=session)


def console_caller(*, sid: str, user_id: int, clicked: bool = True) -> User | None:
    """The staff member at the console of this session, or None when it or the right has ended.

    With a click of its owner the session lives on.
    """
    now = clock.now()
    user = Session.caller(sid=sid, user_id=user_id, now=now)
    if user is None or not user.is_console_staff:
        return None
    if clicked:
        Session.keep_alive(sid=sid, expires_at=now + CONSOLE_IDLE, longest=CONSOLE_LONGEST)
    return user


def end(*, sid: str, user_id: int) -> None:
    """End one session of the user. Raises NotFound for an absent or foreign one."""
    if not Session.end(sid=sid, user_id=user_id):
        raise NotFound


def end_all(*, user_id: int, but: str | None = None) -> None:
    """End every session of the user, except `but`."""
    Session.end_all(user_id, but=but)


def _lifetime() -> timedelta:
    return timedelta(minutes=settings.current().jwt_refresh_token_lifetime)

"""Who may listen to what: asked when a socket opens, and again while it is open."""
from documents import clock
from documents.merchants import Cashier
from documents.permissions import Permission
from documents.sessions import Session
from documents.users import User
from services import merchants
from services.realtime_frames import shop_channel, till_channel, user_channel
from services.realtime_staff import STAFF


def channels_for(*, sid: str, user_id: int) -> frozenset[str] | None:
    """What the holder of this login may listen to now: itself, its own merchant, the tills it works at; never more,
    staff neither. None when the login or the account has ended."""
    user = Session.caller(sid=sid, user_id=user_id, now=clock.now())
    return _channels_of(user) if user is not None else None


def staff_channels_for(*, sid: str, user_id: int) -> frozenset[str] | None:
    """The feed of every event, for whoever may read the reports now; nothing for anybody else.

    None when the login or the account has ended.
    """
    user = Session.caller(sid=sid, user_id=user_id, now=clock.now())
    if user is None:
        return None
    return frozenset({STAFF}) if user.can(Permission.VIEW_REPORTS) else frozenset()


def _channels_of(user: User) -> frozenset[str]:
    channels = {user_channel(user.id)} | {till_channel(seat.merchant) for seat in Cashier.find({"user": user.id})}
    own = merchants.find_own(user)
    if own is not None:
        channels |= {till_channel(own.id), shop_channel(own.id)}
    return frozenset(channels)

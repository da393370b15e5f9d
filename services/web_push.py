"""Notices pushed to browsers: who has subscribed, and one message a browser for each notice."""
from base64 import urlsafe_b64decode
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid, NotFound
from documents.events import Event
from documents.ids import new_uuid
from documents.listing import Listing
from documents.messages import Channel
from documents.notifications import Notification
from documents.push_subscriptions import PushSubscription
from documents.transactions import current_session
from documents.users import User
from services import messages, vapid

MOST_BROWSERS = 20
"""Of one person: whoever subscribes more of them loses the oldest."""
FRESH_FOR = timedelta(hours=24)
AUTH_BYTES = 16
LOCAL = ("127.0.0.1", "localhost")


def subscribe(*, user: User, endpoint: str, p256dh: str, auth: str, device: str = "") -> PushSubscription:
    """Push the notices of `user` to this browser; one that was somebody else's before is now theirs.

    Raises Invalid for keys that are none, and for an address that is no push service's: we would call it.
    """
    _refuse_foreign(endpoint)
    _refuse_bad_keys(p256dh, auth)
    facts = {"user": user.id, "p256dh": p256dh, "auth": auth, "device": device, "created_at": clock.now()}
    found = PushSubscription.change({"endpoint": endpoint}, {"$set": facts})
    if found is None:
        try:
            found = PushSubscription(id=new_uuid(), endpoint=endpoint, **facts).create()
        except Duplicate:       # the same browser, twice at once
            return subscribe(user=user, endpoint=endpoint, p256dh=p256dh, auth=auth, device=device)
    kept = [one.id for one in PushSubscription.newest_of(user.id, MOST_BROWSERS)]
    PushSubscription.collection().delete_many({"user": user.id, "created_at": {"$lt": found.created_at},
                                               "_id": {"$nin": kept}})
    return found


def unsubscribe(*, user: User, subscription_id: str) -> None:
    """Push to this browser no longer. Raises NotFound for an absent or foreign one."""
    if not PushSubscription.remove({"_id": subscription_id, "user": user.id}):
        raise NotFound


def listing(*, user: User) -> Listing:
    """The browsers of `user`, newest first."""
    return Listing(PushSubscription, {"user": user.id})


def public_key() -> str:
    """What browsers subscribe with: messages that are not signed with its private half never reach them."""
    return vapid.public_text(settings.current())


def push_notice(event: Event) -> None:
    """Queue a notice that was just put into somebody's list for each of the person's browsers."""
    notice = Notification.find_one({"_id": int(event.subject.partition(":")[2])})
    if notice is None or User.find_one({"_id": event.user, "is_active": True}) is None:
        return
    for browser in PushSubscription.newest_of(event.user, MOST_BROWSERS):
        messages.send(channel=Channel.PUSH, to=browser.id, subject=notice.title[:200], body=notice.message,
                      key=f"push:{notice.id}:{browser.id}")


def forget_person(event: Event) -> None:
    """Delete the browsers of somebody who has left."""
    PushSubscription.collection().delete_many({"user": event.user}, session=current_session())


def _refuse_foreign(endpoint: str) -> None:
    current = settings.current()
    try:
        parts = urlsplit(endpoint)
        host, port, has_login = parts.hostname or "", parts.port, "@" in parts.netloc
    except ValueError as error:
        raise Invalid.field("endpoint", "Not a valid URL.") from error
    known = any(host == name or host.endswith(f".{name}") for name in current.push_hosts)
    if known and parts.scheme == "https" and port in (None, 443) and not has_login:
        return
    if current.production or host not in LOCAL or parts.scheme != "http" or has_login:
        raise Invalid.field("endpoint", "This is not the address of a known push service.")


def _refuse_bad_keys(p256dh: str, auth: str) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
    except ValueError as error:
        raise Invalid.field("keys", "p256dh is not a key.") from error
    try:
        if len(_bytes(auth)) == AUTH_BYTES:
            return
    except ValueError:
        pass
    raise Invalid.field("keys", "auth is not a secret.")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))

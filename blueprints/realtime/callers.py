"""Who opens a socket: from which page, with which token, and what it has heard already."""
import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bson import ObjectId

from config.settings import Settings

_FRAME_ID = re.compile(r"[0-9a-f]{24}(\.\d{1,2})?", re.ASCII)
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """What a client says about itself."""

    token: str | None = None
    last_event_id: str | None = None


def from_query(query: str) -> Greeting:
    """`?token=…&last_event_id=…`; everything else, such as the old `user` and `merchant`, is what the token tells."""
    given = parse_qs(query)
    return Greeting(token=given.get("token", [None])[0], last_event_id=given.get("last_event_id", [None])[0])


def wants_staff_feed(query: str) -> bool:
    """`?feed=staff`: every event instead of one's own."""
    return parse_qs(query).get("feed") == ["staff"]


def from_message(text: str) -> Greeting:
    """The first message: `{"token": …, "last_event_id": …}`, or the bare token."""
    try:
        given = json.loads(text)
    except ValueError:
        return Greeting(token=text.strip())
    if not isinstance(given, dict):
        return Greeting(token="")
    token, last = (value if isinstance(value, str) else None for value in (given.get("token"),
                                                                           given.get("last_event_id")))
    return Greeting(token=token or "", last_event_id=last)


def from_subprotocols(offered: list[str]) -> tuple[str | None, str | None]:
    """The token among `Sec-WebSocket-Protocol`, and the protocol to answer with: the first that is no token."""
    token = next((name for name in offered if _JWT.fullmatch(name)), None)
    return token, next((name for name in offered if name != token), token)


def is_frame_id(text: str) -> bool:
    """Whether this looks like the `event_id` of a frame."""
    return _FRAME_ID.fullmatch(text) is not None


def age_of(frame_id: str, now: float) -> float:
    """Seconds since its event was recorded."""
    return now - ObjectId(frame_id[:24]).generation_time.timestamp()


def may_connect(origin: str | None, host: str, settings: Settings) -> bool:
    """Whether a page of this origin may open a socket. Programs that are no browsers send none.

    A browser asks nobody before it opens one, so this is all that keeps a foreign page out.
    """
    if origin is None or origin in settings.cors_allowed_origins:
        return True
    page = urlsplit(origin)
    # Our own pages: from behind the same proxy, or from the API's port next to this one.
    return page.netloc in (host, f"{host.rpartition(':')[0] or host}:{settings.port}")

"""Signs that a referral is somebody's own second account: they hold rewards back for an admin, and refuse nothing."""
import hashlib
import hmac
import ipaddress
from datetime import datetime, timedelta

from disposable_email_domains import blocklist

from config import settings
from documents.referrals import Referral, ReferralCode
from documents.sessions import Session
from documents.transactions import current_session
from documents.users import User

BURST_WINDOW = timedelta(hours=1)
RECENT_SESSIONS = 20
IPV6_NETWORK_BITS = 64
"""What a provider gives to one household."""

PHONE, DEVICE, NETWORK = "phone", "device", "network"


def signals(*, user: User, code: ReferralCode, owner_traces: set[str], now: datetime) -> list[str]:
    """What speaks against `user` coming through `code`, in a fixed order; only what the settings let hold rewards."""
    seen = owner_traces | set(code.traces)
    shared = {trace.partition(":")[0] for trace in traces_of(user) & seen}
    found = [*(f"same_{kind}" for kind in (PHONE, DEVICE, NETWORK) if kind in shared),
             *(["disposable_email"] if _disposable(user.email) else []),
             *(["burst"] if _bursting(code.owner, now) else [])]
    return [signal for signal in found if signal in settings.current().referral_hold_signals]


def traces_of(user: User) -> set[str]:
    """HMACs of the person's phone and of where its recent logins came from: comparable, and readable by nobody.

    A network is the IPv4 address or the IPv6 /64; a device is a `User-Agent` within a network, because the name of
    a browser alone is shared by millions.
    """
    traces = {_trace(PHONE, user.phone)} if user.phone else set()
    for session in Session.find({"user": user.id}, sort=[("created_at", -1)], limit=RECENT_SESSIONS):
        network = _network(session.address)
        if network:
            traces.add(_trace(NETWORK, network))
        if network and session.device:
            traces.add(_trace(DEVICE, f"{network} {session.device}"))
    return traces


def _trace(kind: str, value: str) -> str:
    key = settings.current().key_for("referral-traces")
    return f"{kind}:{hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]}"


def _network(address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network(f"{parsed}/{IPV6_NETWORK_BITS}", strict=False))


def _disposable(email: str | None) -> bool:
    labels = (email or "").rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _bursting(owner: int, now: datetime) -> bool:
    # Everybody who uses the code writes to it, so of two at once one looks again: this count is never behind.
    recent = {"referrer": owner, "created_at": {"$gt": now - BURST_WINDOW}}
    most = settings.current().referral_burst_per_hour
    return Referral.collection().count_documents(recent, session=current_session(), limit=most) >= most

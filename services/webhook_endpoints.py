"""Where integrators have events sent: their own merchant's, or, for staff, everybody's."""
import base64
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, Invalid, NotFound
from documents.ids import next_id
from documents.listing import Listing
from documents.permissions import Permission
from documents.transactions import current_session
from documents.users import User
from documents.webhook_endpoints import MAX_ENDPOINTS, WebhookEndpoint
from services import merchants
from services.gateways.webhooks import is_allowed
from services.merchants import MerchantRequired

OVERLAP = timedelta(hours=24)
"""How long the secret before a rotation still signs too."""
SECRET_BYTES = 32
HOUSE = "house"
PUBLISHED = (
    "payment.created", "payment.scanned", "payment.succeeded", "payment.declined", "payment.failed",
    "payment.cancelled", "payment.expired", "payment.refunded", "payment.refund_failed", "payment.disputed",
    "coupon.created", "coupon.updated", "coupon.assigned", "coupon.held", "coupon.redeemed", "coupon.released",
    "settlement.created", "settlement.paid", "voucher.issued", "voucher.redeemed", "voucher.cancelled",
    "voucher.reinstated", "recharge.succeeded", "recharge.failed", "purchase.created", "purchase.paid",
    "installment.paid", "wallet.funded", "wallet.debited", "wallet.transferred", "reward.credited", "reward.revoked")
"""Event types that leave the house; what is about people and their accounts does not."""


class TooManyEndpoints(Conflict):
    code = "too_many_endpoints"
    detail = f"There may be at most {MAX_ENDPOINTS} endpoints."


def listing(*, viewer: User) -> Listing:
    """The viewer's endpoints, newest first; everybody's for staff."""
    return Listing(WebhookEndpoint, visible_to(viewer), order=[("_id", -1)], orderings={"id": "_id"},
                   searchable=("url", "description"))


def get(endpoint_id: int, *, viewer: User) -> WebhookEndpoint:
    """An endpoint that `viewer` manages. Raises NotFound."""
    found = WebhookEndpoint.find_one({"$and": [{"_id": endpoint_id}, visible_to(viewer)]})
    if found is None:
        raise NotFound
    return found


def visible_to(viewer: User) -> dict:
    """The filter for the endpoints that `viewer` manages."""
    if viewer.can(Permission.MANAGE_WEBHOOKS):
        return {}
    own = merchants.find_own(viewer)
    return {"merchant": own.id if own is not None else 0}


def create(*, user: User, url: str, events: Sequence[str] = (), description: str = "") -> WebhookEndpoint:
    """Have events sent to `url`: the user's merchant's, or everybody's for staff without one.

    The reply is the only one that shows the secret, until it is rotated. Raises MerchantRequired, Invalid,
    TooManyEndpoints.
    """
    own = merchants.find_own(user)
    if own is None and not user.can(Permission.MANAGE_WEBHOOKS):
        raise MerchantRequired
    now = clock.now()
    facts: dict[str, Any] = {
        "merchant": own.id if own is not None else None, "created_by": user.id, "url": _checked_url(url),
        "events": _checked_events(events), "description": description, "secret": _new_secret(), "created_at": now,
        "updated_at": now}
    owner = f"merchant:{own.id}" if own is not None else HOUSE
    for number in range(MAX_ENDPOINTS):
        try:
            return WebhookEndpoint(id=next_id("webhook_endpoints"), slot=f"{owner}:{number}", **facts).create()
        except Duplicate:
            continue
    raise TooManyEndpoints


def change(endpoint_id: int, *, viewer: User, **facts: Any) -> WebhookEndpoint:
    """Change url, events, description or whether it is active. Raises NotFound, Invalid."""
    if "url" in facts:
        facts["url"] = _checked_url(facts["url"])
    if "events" in facts:
        facts["events"] = _checked_events(facts["events"])
    update: dict = {"$set": {**facts, "updated_at": clock.now()}}
    if facts.get("is_active"):
        update["$unset"] = {"disabled_reason": ""}
    return _changed(endpoint_id, viewer, update)


def rotate(endpoint_id: int, *, viewer: User) -> WebhookEndpoint:
    """Give the endpoint a new secret; the old one signs as well for a day. Raises NotFound."""
    now, endpoint = clock.now(), get(endpoint_id, viewer=viewer)
    return _changed(endpoint_id, viewer, {"$set": {
        "secret": _new_secret(), "old_secret": endpoint.secret, "old_secret_until": now + OVERLAP, "updated_at": now}},
        {"secret": endpoint.secret})


def delete(endpoint_id: int, *, viewer: User) -> None:
    """Forget the endpoint; what was on its way to it is not sent any more. Raises NotFound."""
    get(endpoint_id, viewer=viewer)
    WebhookEndpoint.collection().delete_one({"_id": endpoint_id}, session=current_session())


def active() -> list[WebhookEndpoint]:
    """Every endpoint that is switched on."""
    return list(WebhookEndpoint.find({"is_active": True}))


def wants(endpoint: WebhookEndpoint, type_: str, merchant: int | None, at: datetime) -> bool:
    """Whether an event is for this endpoint; what happened before there was one is not."""
    return (type_ in PUBLISHED and endpoint.merchant in (None, merchant) and at >= endpoint.created_at
            and (not endpoint.events or any(fnmatchcase(type_, pattern) for pattern in endpoint.events)))


def _changed(endpoint_id: int, viewer: User, update: dict, match: dict | None = None) -> WebhookEndpoint:
    changed = WebhookEndpoint.change({"$and": [{"_id": endpoint_id}, visible_to(viewer), match or {}]}, update)
    if changed is None:
        raise NotFound
    return changed


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _checked_events(events: Sequence[str]) -> list[str]:
    families = {f"{type_.partition('.')[0]}.*" for type_ in PUBLISHED}
    unknown = sorted(set(events) - families - set(PUBLISHED))
    if unknown:
        raise Invalid.field("events", f"Not published: {', '.join(unknown)}.")
    return sorted(set(events))


def _checked_url(url: str) -> str:
    """What can be seen of an address before it is connected to; the connection itself looks again."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid.field("url", "Enter a valid URL.") from error
    schemes = ("https",) if settings.current().production else ("https", "http")
    if parts.scheme not in schemes or not host or parts.username or parts.password or not url.isascii():
        raise Invalid.field("url", f"Enter a valid {' or '.join(schemes)} URL without a user name.")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return url
    networks = [ipaddress.ip_network(network) for network in settings.current().webhook_allowed_networks]
    if not is_allowed(literal, networks):
        raise Invalid.field("url", "This address is not public.")
    return url

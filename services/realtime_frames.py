"""From an event to the frames that sockets are sent: what each says, and who may see it."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from documents import money
from documents.payments import Status
from services import pos

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to every socket that listens to one of its channels."""

    id: str
    """The id of its event; an event's second frame has `.1` behind it."""
    channels: frozenset[str]
    text: str


def user_channel(user_id: int) -> str:
    """What concerns one person."""
    return f"user:{user_id}"


def till_channel(merchant_id: int) -> str:
    """The payments of a merchant: for its owner and its cashiers."""
    return f"till:{merchant_id}"


def shop_channel(merchant_id: int) -> str:
    """Everything else of a merchant: for its owner."""
    return f"shop:{merchant_id}"


def make(frame_id: str, content: Content, *channels: str) -> Frame:
    """The frame that says `content`."""
    text = orjson.dumps(content | {"event_id": frame_id}).decode()
    return Frame(id=frame_id, channels=frozenset(channels), text=text)


def frames_of(event: dict) -> list[Frame]:
    """The frames of an event as it is stored; none for what nobody watches live."""
    writer = WRITERS.get(event["type"])
    seen = [(content, channels) for content, channels in (writer(event) if writer else []) if channels]
    return [make(f"{event['_id']}.{number}" if number else str(event["_id"]), content, *channels)
            for number, (content, channels) in enumerate(seen)]


Written = list[tuple[Content, list[str]]]


def _payment(event: dict) -> Written:
    data = event["data"]
    content = {"type": "PAYMENT_UPDATE", "payment_id": _id_in(event), "status": pos.SHOWN[Status(data["status"])],
               "amount": money.text(data["amount"]), "final_amount": money.text(data["final_amount"])}
    return [(content, _channels(event, user_channel, till_channel))]


def _attempt(told: str) -> Callable[[dict], Written]:
    def write(event: dict) -> Written:
        return [(content | {"status": told}, channels) for content, channels in _payment(event)]

    return write


def _money_moved(event: dict) -> Written:
    return [*_payment(event), ({"type": "KPI_UPDATE"}, _channels(event, None, shop_channel))]


def _settlement(event: dict) -> Written:
    data = event["data"]
    content = {"type": "SETTLEMENT_UPDATE", "settlement_id": _id_in(event), "status": data["status"],
               "amount": money.text(data["amount"])}
    return [(content, _channels(event, None, shop_channel))]


def _notification(event: dict) -> Written:
    content = {"type": "NEW_NOTIFICATION", "message": event["data"]["title"], "notification_id": int(_id_in(event))}
    return [(content, _channels(event, user_channel, None))]


def _coupon(action: str) -> Callable[[dict], Written]:
    def write(event: dict) -> Written:
        facts = {name: event["data"].get(name) for name in ("code", "is_active", "used_count", "usage_limit")}
        content = {"type": "COUPON_UPDATE", "action": action, "coupon_id": _id_in(event), **facts}
        return [(content, _channels(event, user_channel, shop_channel))]

    return write


WRITERS: dict[str, Callable[[dict], Written]] = {
    **dict.fromkeys(("payment.created", "payment.scanned", "payment.failed", "payment.cancelled", "payment.expired"),
                    _payment),
    **dict.fromkeys(("payment.succeeded", "payment.refunded"), _money_moved),
    "payment.attempt_opened": _attempt("TRANSACTION_CREATED"),
    "payment.attempt_failed": _attempt("TRANSACTION_UPDATED"),
    **dict.fromkeys(("settlement.created", "settlement.paid"), _settlement),
    "notification.created": _notification,
    "coupon.created": _coupon("CREATED"),
    "coupon.assigned": _coupon("ASSIGNED"),
    "coupon.redeemed": _coupon("USED"),
    **dict.fromkeys(("coupon.updated", "coupon.held", "coupon.released"), _coupon("UPDATED")),
}
"""Event type -> its frames, each with its channels."""


def _id_in(event: dict) -> str:
    return event["subject"].partition(":")[2]


def _channels(event: dict, of_user: Callable[[int], str] | None, of_merchant: Callable[[int], str] | None) -> list[str]:
    named = ((of_user, event.get("user")), (of_merchant, event.get("merchant")))
    return [channel(owner) for channel, owner in named if channel is not None and owner is not None]

"""A gateway for development and tests that does as it is told, remembers it, and is shared by all processes.

It lives in Redis, not in our database: another company's system takes no part in our transactions. It speaks
Stripe's language, so that the code which hears Stripe is the code which hears it.
"""
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import uuid4

from redis.exceptions import RedisError

from config import connections
from documents import clock
from services.gateways.payments import stripe_events
from services.gateways.payments.base import (
    GatewayRefused,
    GatewayUnavailable,
    Intent,
    News,
    Order,
    RefundOrder,
    Returned,
)

WEBHOOK_SECRET = "whsec_simulated"  # noqa: S105  it guards nothing: production refuses a simulated gateway
PATIENCE_SECONDS = 600
"""How long its payers take to pay; whoever asks later finds that they have gone."""

TOLD = "purser:cards:told"
LEFT = "purser:cards:left"
INTENTS = "purser:cards:intents"
STEPS = "purser:cards:steps"
"""How far each intent has come on the way that its behaviour describes."""
CLOSED = "purser:cards:closed"
REFUNDS = "purser:cards:refunds"
RETURNED = "purser:cards:returned"
"""What was given back of each intent, whoever asked for it."""
NEWS = "purser:cards:news"


class Behaviour(NamedTuple):
    states: tuple[str, ...]
    """What each question brings about, the last one for good."""
    unasked: bool = False
    """It happens without a question, as when the browser is closed after paying."""
    waits: bool = False
    """No question brings more than the first state: the rest comes with its webhook."""
    twice: bool = False
    backwards: bool = False
    missing: int = 0
    """Minor units that are taken too little."""


SUCCEED = Behaviour(("succeeded",))
BEHAVIOURS = {
    "succeed": SUCCEED,
    "decline": Behaviour(("declined",)),
    "decline_once": Behaviour(("declined", "succeeded")),
    "delay": Behaviour(("processing", "succeeded"), waits=True),
    "closed_tab": Behaviour(("succeeded",), unasked=True),
    "abandon": Behaviour(()),
    "twice": Behaviour(("succeeded",), twice=True),
    "shuffled": Behaviour(("succeeded",), twice=True, backwards=True),
    "short": Behaviour(("succeeded",), missing=1),
}
REFUND_BEHAVIOURS = {"refund_fail": "failed", "refund_delay": "pending"}
_EVENTS = {"declined": ("payment_failed",), "processing": ("processing",), "succeeded": ("processing", "succeeded"),
           "canceled": ("canceled",)}
_STATES_OF_EVENTS = {"payment_failed": "declined"}


class SimulatedGateway:
    """Takes the money when it is first asked about an intent, unless told otherwise."""

    name = "simulated"

    def open(self, order: Order) -> Intent:
        intent_id = intent_id_of(order.payment)
        with _reachable():
            if not _redis().hexists(INTENTS, intent_id):
                facts = {"id": intent_id, "amount": order.amount, "currency": order.currency.lower(),
                         "payment": order.payment, "at": clock.now().timestamp(), "behaviour": _take(BEHAVIOURS)}
                if _redis().hsetnx(INTENTS, intent_id, json.dumps(facts)):
                    _tell_intent(facts, ["created"])
                    if _behaviour(facts).unasked:
                        _go_on(facts)
            return _seen(_facts(intent_id))

    def fetch(self, intent_id: str) -> Intent:
        with _reachable():
            facts = _facts(intent_id)
            if clock.now().timestamp() - facts["at"] < PATIENCE_SECONDS:
                _go_on(facts)
            return _seen(facts)

    def cancel(self, intent_id: str) -> Intent:
        with _reachable():
            facts = _facts(intent_id)
            if _state(facts) in ("open", "declined") and _redis().hsetnx(CLOSED, intent_id, 1):
                _tell_intent(facts, _EVENTS["canceled"])
            return _seen(facts)

    def refund(self, order: RefundOrder, *, again: bool) -> Returned:
        with _reachable():
            if not _redis().hexists(REFUNDS, order.refund):
                about = {"id": f"re_{_digest(order.refund)}", "object": "refund", "status": _refund_status(order),
                         "payment_intent": order.intent, "amount": order.amount,
                         "metadata": {"refund_id": order.refund}}
                if _redis().hsetnx(REFUNDS, order.refund, json.dumps(about)):
                    _tell_refund(about)
            return stripe_events.returned_of(json.loads(_redis().hget(REFUNDS, order.refund)))

    def hear(self, body: bytes, headers: Mapping[str, str]) -> News:
        return stripe_events.hear(body, headers, WEBHOOK_SECRET)

    def read(self, body: bytes) -> News:
        return stripe_events.read(body)


def tell(behaviour: str, *, times: int | None = None) -> None:
    """Behave so for the next `times` intents or refunds, or until told otherwise."""
    _redis().set(TOLD, behaviour)
    _redis().set(LEFT, -1 if times is None else times)


def forget() -> None:
    """Succeed again from now on."""
    _redis().delete(TOLD, LEFT)


def refund_outside(intent_id: str, amount: int) -> None:
    """Somebody gives `amount` minor units back in the gateway's own dashboard."""
    _redis().hincrby(RETURNED, intent_id, amount)
    _push("charge.refunded", charge_of(intent_id))


def dispute(intent_id: str, *, lost: bool) -> None:
    """The payer's bank asks for the money back, and gets it when `lost`."""
    for type_, status in (("created", "needs_response"), ("closed", "lost" if lost else "won")):
        _push(f"charge.dispute.{type_}", {
            "id": f"dp_{intent_id[3:]}", "object": "dispute", "payment_intent": intent_id,
            "amount": charged(intent_id), "status": status})


def announcements() -> Iterator[bytes]:
    """The bodies of the webhooks that are due; what a delayed one announces is true from then on."""
    while (body := _redis().rpop(NEWS)) is not None:
        event = json.loads(body)
        about = event["data"]["object"]
        if event["type"] == "payment_intent.succeeded":
            _redis().hset(STEPS, about["id"], len(_behaviour(_facts(about["id"])).states))
        if event["type"] == "refund.updated":
            _redis().hset(REFUNDS, about["metadata"]["refund_id"], json.dumps(about))
        yield body


def event(type_: str, about: Mapping[str, Any]) -> bytes:
    """The body of one webhook."""
    return json.dumps({"id": f"evt_{uuid4().hex}", "object": "event", "type": type_,
                       "data": {"object": about}}).encode()


def intent_id_of(payment_id: str) -> str:
    return f"pi_{_digest(payment_id)}"


def intent_as(intent_id: str, state: str) -> dict[str, Any]:
    """The intent as it is shown when it is in `state`."""
    facts = _facts(intent_id)
    paid = state == "succeeded"
    return {
        "id": intent_id, "object": "payment_intent", "amount": facts["amount"], "currency": facts["currency"],
        "status": "requires_payment_method" if state in ("open", "declined", "created") else state,
        "amount_received": facts["amount"] - _behaviour(facts).missing if paid else 0,
        "client_secret": f"{intent_id}_secret_simulated", "metadata": {"payment_id": facts["payment"]},
        "latest_charge": {"id": f"ch_{intent_id[3:]}", "object": "charge",
                          "amount_refunded": int(_redis().hget(RETURNED, intent_id) or 0)} if paid else None,
        "last_payment_error": {"code": "card_declined"} if state == "declined" else None}


def charge_of(intent_id: str) -> dict[str, Any]:
    """The charge of a paid intent."""
    facts = _facts(intent_id)
    return {"id": f"ch_{intent_id[3:]}", "object": "charge", "payment_intent": intent_id, "amount": facts["amount"],
            "amount_captured": charged(intent_id), "currency": facts["currency"],
            "metadata": {"payment_id": facts["payment"]},
            "amount_refunded": int(_redis().hget(RETURNED, intent_id) or 0)}


def charged(intent_id: str) -> int:
    """What was taken for an intent, in minor units."""
    facts = _facts(intent_id)
    return facts["amount"] - _behaviour(facts).missing if _state(facts) == "succeeded" else 0


def _go_on(facts: dict) -> None:
    """What a question brings about."""
    behaviour, states = _behaviour(facts), _behaviour(facts).states
    if behaviour.waits:
        if _redis().hsetnx(STEPS, facts["id"], 1):
            _tell_intent(facts, ["processing", "succeeded"])
    elif not _redis().hexists(CLOSED, facts["id"]):
        step = _redis().hincrby(STEPS, facts["id"], 1)
        if step <= len(states):
            _tell_intent(facts, _EVENTS[states[step - 1]])


def _state(facts: dict) -> str:
    if _redis().hexists(CLOSED, facts["id"]):
        return "canceled"
    states, step = _behaviour(facts).states, int(_redis().hget(STEPS, facts["id"]) or 0)
    return states[min(step, len(states)) - 1] if step and states else "open"


def _seen(facts: dict) -> Intent:
    return stripe_events.intent_of(intent_as(facts["id"], _state(facts)))


def _tell_intent(facts: dict, names: Sequence[str]) -> None:
    behaviour = _behaviour(facts)
    for name in [*names[::-1]] if behaviour.backwards else names:
        _push(f"payment_intent.{name}", intent_as(facts["id"], _STATES_OF_EVENTS.get(name, name)),
              times=2 if behaviour.twice else 1)


def _refund_status(order: RefundOrder) -> str:
    left = charged(order.intent) - int(_redis().hget(RETURNED, order.intent) or 0)
    return "failed" if order.amount > left else REFUND_BEHAVIOURS.get(_take(REFUND_BEHAVIOURS), "succeeded")


def _tell_refund(about: dict) -> None:
    if about["status"] == "failed":
        return
    _redis().hincrby(RETURNED, about["payment_intent"], about["amount"])
    _push("charge.refunded", charge_of(about["payment_intent"]))
    if about["status"] == "pending":
        _push("refund.updated", about | {"status": "succeeded"})


def _push(type_: str, about: dict, *, times: int = 1) -> None:
    _redis().lpush(NEWS, *[event(type_, about)] * times)


def _take(among: Mapping[str, Any]) -> str:
    """What was told to be done next, if it is one of these; used up by it."""
    told = (_redis().get(TOLD) or b"").decode()
    if told not in among:
        return "succeed"
    left = int(_redis().get(LEFT) or 0)
    if left < 0 or _redis().decr(LEFT) >= 0:
        return told
    forget()
    return "succeed"


def _behaviour(facts: dict) -> Behaviour:
    return BEHAVIOURS.get(facts["behaviour"], SUCCEED)


def _facts(intent_id: str) -> dict:
    known = _redis().hget(INTENTS, intent_id)
    if known is None:
        raise GatewayRefused("resource_missing")
    return json.loads(known)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise GatewayUnavailable from error


def _redis() -> Any:
    # redis-py types every answer as perhaps awaitable.
    return connections.redis()

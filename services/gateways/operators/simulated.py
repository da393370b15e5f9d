"""An operator for development and tests that does as it is told, remembers it, and is shared by all processes."""
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from config import connections
from services.gateways.operators.base import Order, Outcome, State

DECLINED = "OPERATOR_DECLINED"
# It lives in Redis, not in our database: another company's system takes no part in our transactions, nor in their cost.
ORDERS = "purser:simulator:orders"
"""What it was told, newest first."""
LEFT = "purser:simulator:left"
"""How often each order still holds; orders without an end are absent."""
DELIVERIES = "purser:simulator:deliveries"
"""What is true about each reference it has seen."""
NEWS = "purser:simulator:news"
"""References it still has to report by itself."""
NUMBERS = "purser:simulator:numbers"

DELIVERED, KNOWN = 1, 0
_DELIVER_UNLESS_TOLD = """
local orders = redis.call('LRANGE', KEYS[1], 0, -1)
if #orders > 0 then return orders end
return redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
"""
"""The orders, newest first; without any, delivers a reference that was not seen before: DELIVERED, else KNOWN."""


class Behaviour(NamedTuple):
    answer: State
    """What the submission hears."""
    status: State
    """What is true, and what a later question or submission of the same reference hears."""
    announces: bool = False
    """Whether the operator tells the truth once more by itself, as a callback would."""


BEHAVIOURS = {
    "succeed": Behaviour(State.SUCCESS, State.SUCCESS),
    "fail": Behaviour(State.FAILED, State.FAILED),
    "timeout": Behaviour(State.UNCLEAR, State.SUCCESS),
    "lost": Behaviour(State.UNCLEAR, State.UNKNOWN),
    "silent": Behaviour(State.UNCLEAR, State.UNCLEAR),
    "late": Behaviour(State.FAILED, State.SUCCESS, announces=True),
    "twice": Behaviour(State.SUCCESS, State.SUCCESS, announces=True),
    "revoke": Behaviour(State.SUCCESS, State.FAILED, announces=True),
}


class SimulatedOperator:
    """Succeeds at once unless told otherwise; its time-outs are answered without waiting for them."""

    def submit(self, order: Order) -> Outcome:
        try:
            return self._submit(order)
        except RedisError:
            return Outcome(State.UNCLEAR)

    def status(self, reference: str) -> Outcome:
        try:
            known = _redis().hget(DELIVERIES, reference)
        except RedisError:
            return Outcome(State.UNCLEAR)
        return _outcome(State(known.decode()) if known else State.UNKNOWN, reference)

    def _submit(self, order: Order) -> Outcome:
        orders = _redis().eval(_DELIVER_UNLESS_TOLD, 2, ORDERS, DELIVERIES, order.reference, State.SUCCESS)
        if orders == DELIVERED:
            return _outcome(State.SUCCESS, order.reference)
        # A repeat must not use an order up.
        if orders == KNOWN or _redis().hexists(DELIVERIES, order.reference):
            return self.status(order.reference)
        behaviour = BEHAVIOURS[_take(orders, order.phone_number)]
        if behaviour.status is not State.UNKNOWN:
            if not _redis().hsetnx(DELIVERIES, order.reference, behaviour.status):
                return self.status(order.reference)
            if behaviour.announces:
                _redis().lpush(NEWS, order.reference)
        return _outcome(behaviour.answer, order.reference)


def tell(behaviour: str, *, phone_number: str | None = None, times: int | None = None) -> None:
    """Behave so for the next `times` submissions (for ever without it), of one phone or of all; newest order first."""
    number = _redis().incr(NUMBERS)
    if times is not None:
        _redis().hset(LEFT, number, times)
    _redis().lpush(ORDERS, json.dumps(
        {"number": number, "behaviour": behaviour, "phone_number": phone_number, "counted": times is not None}))


def forget() -> None:
    """Drop all orders: every further submission succeeds again. What was delivered stays delivered."""
    _redis().delete(ORDERS, LEFT)


def delivered() -> list[str]:
    """The references that were delivered."""
    return [reference.decode() for reference, status in _redis().hgetall(DELIVERIES).items()
            if status.decode() == State.SUCCESS]


def announcements() -> Iterator[tuple[str, Outcome]]:
    """What the operator has to tell by itself, once and in order."""
    while (told := _redis().rpop(NEWS)) is not None:
        reference = told.decode()
        yield reference, SimulatedOperator().status(reference)


def _take(orders: list[bytes], phone_number: str) -> str:
    """Use one order up and return its behaviour."""
    for order in map(json.loads, orders):
        if order["phone_number"] not in (None, phone_number):
            continue
        if not order["counted"] or _redis().hincrby(LEFT, order["number"], -1) >= 0:
            return order["behaviour"]
    return "succeed"


def _redis() -> Any:
    # redis-py types every answer as perhaps awaitable.
    return connections.redis()


def _outcome(state: State, reference: str) -> Outcome:
    return Outcome(state, operator_ref=f"SIM-{reference}" if state is State.SUCCESS else None,
                   code=DECLINED if state is State.FAILED else None)

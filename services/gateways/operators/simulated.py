"""An operator for development and tests that does as it is told, remembers it, and is shared by all processes."""
from collections.abc import Iterator
from typing import NamedTuple

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from config.connections import database
from documents import clock
from services.gateways.operators.base import Order, Outcome, State

DECLINED = "OPERATOR_DECLINED"


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
        told = _take_order(order.phone_number)
        behaviour = BEHAVIOURS[told["behaviour"] if told else "succeed"]
        if behaviour.status is State.UNKNOWN:
            return _outcome(behaviour.answer, order.reference)
        try:
            _deliveries().insert_one({
                "_id": order.reference, "phone_number": order.phone_number, "plan": order.plan, "amount": order.amount,
                "status": behaviour.status, "announces": behaviour.announces, "created_at": clock.now()})
        except DuplicateKeyError:
            if told:
                _orders().update_one({"_id": told["_id"]}, {"$inc": {"left": 1}})
            return self.status(order.reference)
        return _outcome(behaviour.answer, order.reference)

    def status(self, reference: str) -> Outcome:
        known = _deliveries().find_one({"_id": reference})
        return _outcome(State(known["status"]) if known else State.UNKNOWN, reference)


def tell(behaviour: str, *, phone_number: str | None = None, times: int | None = None) -> None:
    """Behave so for the next `times` submissions (for ever without it), of one phone or of all; newest order first."""
    _orders().insert_one({"behaviour": behaviour, "phone_number": phone_number,
                          "left": -1 if times is None else times})


def forget() -> None:
    """Drop all orders: every further submission succeeds again. What was delivered stays delivered."""
    _orders().delete_many({})


def decide(reference: str, status: State) -> None:
    """Change what is true about a delivery: the silent one speaks."""
    _deliveries().update_one({"_id": reference}, {"$set": {"status": status}})


def announcements() -> Iterator[tuple[str, Outcome]]:
    """What the operator has to tell by itself, once."""
    while (row := _deliveries().find_one_and_update({"announces": True}, {"$set": {"announces": False}})) is not None:
        yield row["_id"], _outcome(State(row["status"]), row["_id"])


def _take_order(phone_number: str) -> dict | None:
    return _orders().find_one_and_update(
        {"left": {"$ne": 0}, "phone_number": {"$in": [phone_number, None]}}, {"$inc": {"left": -1}}, sort=[("_id", -1)])


def _outcome(state: State, reference: str) -> Outcome:
    return Outcome(state, operator_ref=f"SIM-{reference}" if state is State.SUCCESS else None,
                   code=DECLINED if state is State.FAILED else None)


def _orders() -> Collection:
    return database()["simulated_operator_orders"]


def _deliveries() -> Collection:
    # Another company's system does not take part in our transactions and need not wait for our majority.
    return database().get_collection("simulated_operator_deliveries", write_concern=WriteConcern(w=1))

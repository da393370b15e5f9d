"""A purchase's schedule as a page draws it: each instalment with its state, and how much of it is paid."""
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from documents import clock
from documents.purchases import Status
from services import installments
from services.installments import is_late


class State(StrEnum):
    PAID = "paid"
    PART_PAID = "part-paid"
    DUE = "due"
    LATE = "late"
    """Past its day and the days of grace; part of it may be paid."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One instalment; amounts in minor units."""

    number: int
    state: State
    total: int
    """Its share of the price with every late fee, charged or due now."""
    paid: int
    fee: int
    """The late fee that a payment now must bring."""
    payable: bool
    """Whether it is the customer's turn to pay it: it is late, or the first that is open."""
    waivable: bool
    """Whether there is a late fee that somebody can be let off."""
    due_date: datetime

    @property
    def percent(self) -> int:
        return self.paid * 100 // self.total if self.total else 100

    @property
    def to_pay(self) -> int:
        return self.total - self.paid


def bars(rows: list[dict]) -> list[Bar]:
    """The bars of the instalments of one purchase, as they are stored."""
    now = clock.now()
    first_open = next((row["number"] for row in rows if row["status"] != Status.PAID), None)
    return [_bar(row, now, first_open) for row in installments.with_fees(rows)]


def _bar(row: dict, now: datetime, first_open: int | None) -> Bar:
    fee, paid, state = row["late_fee_due"], row["paid_amount"], _state(row, now)
    return Bar(number=row["number"], state=state, total=paid + row["amount_to_pay"], paid=paid, fee=fee,
               payable=state is State.LATE or row["number"] == first_open,
               waivable=row.get("waiver") is None and bool(fee or row.get("late_fee")), due_date=row["due_date"])


def _state(row: dict, now: datetime) -> State:
    if row["status"] == Status.PAID:
        return State.PAID
    if is_late(row["due_date"], now):
        return State.LATE
    return State.PART_PAID if row["paid_amount"] else State.DUE

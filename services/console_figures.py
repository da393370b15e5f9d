"""The figures of the console's first page: today's money, what is owed to customers, and what waits for somebody."""
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aggregations import console as pipelines
from config import settings
from documents import clock
from documents.base import Document
from documents.ledger import LedgerEntry
from documents.purchases import Purchase
from documents.recharges import Recharge, Status
from documents.settlements import Settlement
from documents.settlements import Status as SettlementStatus
from documents.transactions import current_session
from documents.verifications import Verification
from documents.wallets import POINTS, Wallet
from services import backlog
from services.gateways.payments.choice import NAMES
from services.kept import kept
from services.ledger import CASH
from services.payment_books import UPI, gateway_account
from services.settlement_books import BANK

OUTSIDE = (CASH, BANK, UPI, *map(gateway_account, NAMES))
"""The accounts at the border of the house. A merchant's own till is not one: that cash never was the house's."""
LONGEST_MS = 2_000
MOST_COUNTED = 10_000
"""Of what waits; beyond, a figure says "at least"."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many, and what they come to in minor units."""

    count: int
    amount: int = 0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Amounts in minor units; today is a day of BUSINESS_TIMEZONE."""

    day: datetime
    """When today began."""
    came: int
    went: int
    liabilities: dict[str, int]
    """By unit."""
    pending: int
    attention: int
    """Pending recharges that a person has to decide."""
    delivered: int
    failed: int
    overdue: Waiting
    settlements: Waiting
    owed: int
    """Events whose consequences are not recorded yet."""
    parked: int
    """Events, and gateways' webhooks, that were given up."""
    verified: Verification | None


def today() -> Figures:
    """Everything at once, each part one bounded query over an index."""
    now, zone = clock.now(), settings.current().timezone
    day = clock.day_start(clock.day_of(now, zone), zone)
    tomorrow = clock.day_start(clock.day_of(now, zone) + timedelta(days=1), zone)
    behind = backlog.counts()
    money = _one(LedgerEntry, pipelines.crossed(OUTSIDE, day, tomorrow), came=0, went=0)
    waiting = _one(Recharge, pipelines.pending(MOST_COUNTED), pending=0, attention=0)
    states = dict.fromkeys(Status, 0)
    for row in read(Recharge, pipelines.recharge_states(day, tomorrow)):
        states[Status(row["_id"]["status"])] += row["count"]
    return Figures(
        day=day, came=money["came"], went=money["went"], liabilities=_liabilities(), pending=waiting["pending"],
        attention=waiting["attention"], delivered=states[Status.SUCCESS], failed=states[Status.FAILED],
        overdue=_waiting(Purchase, pipelines.overdue(now, MOST_COUNTED)),
        settlements=_waiting(Settlement, pipelines.sums({"status": SettlementStatus.PENDING.value}, MOST_COUNTED)),
        owed=behind.owed, parked=behind.parked + behind.gateway_parked, verified=Verification.latest())


def read(document: type[Document], pipeline: list[dict]) -> list[dict]:
    """The rows of a pipeline; pages that ask too much of the database are stopped."""
    return list(document.collection().aggregate(pipeline, session=current_session(), maxTimeMS=LONGEST_MS))


def _liabilities() -> dict[str, int]:
    # The one figure here that grows with the installation: half a million wallets take half a second.
    units = (settings.current().currency, POINTS)
    return kept("console:liabilities", lambda: {
        unit: _one(Wallet, pipelines.liability(unit), balance=0)["balance"] for unit in units}, seconds=10)


def _waiting(document: type[Document], pipeline: list[dict]) -> Waiting:
    found = _one(document, pipeline, count=0, amount=0)
    return Waiting(count=found["count"], amount=found["amount"])


def _one(document: type[Document], pipeline: list[dict], **otherwise: int) -> dict[str, Any]:
    return next(iter(read(document, pipeline)), otherwise)

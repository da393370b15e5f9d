"""The tiles of the first page: which figure stands where, how it looks, and the list that it leads to."""
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup
from redis.exceptions import RedisError

from blueprints.console import formats, queues
from config import settings
from documents.settlements import Status as SettlementStatus
from documents.verifications import Verification
from documents.wallets import POINTS
from services.console_figures import MOST_COUNTED, Figures, Waiting
from services.ledger import CASH


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure, found again under its key when it has changed."""

    key: str
    label: str
    shown: Markup
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    title: str
    help: str
    """What counts, for whoever wonders."""
    href: str
    lines: list[Line]


def tiles_of(figures: Figures) -> list[Tile]:
    """All of them, in their order."""
    day = f"{figures.day.astimezone(settings.current().timezone):%Y-%m-%d}"
    pending = _listed("recharges", status="pending")
    return [
        Tile(title="Money today", href=_listed("entries", account=CASH, booked_from=day),
             help="What crossed the border of the house since midnight of the business: cash, bank, UPI and gateways. "
                  "In is what came from outside, out is what left; cash in a merchant's own till is not the house's. "
                  "The link lists the cash; the other accounts are found there by their names.",
             lines=[Line(key="came", label="In", shown=formats.amount(figures.came)),
                    Line(key="went", label="Out", shown=formats.amount(figures.went))]),
        Tile(title="In wallets", href=_listed("wallets"),
             help="The sum of all balances: what customers can spend at any moment. Of very many wallets it may be ten "
                  "seconds old.",
             lines=[Line(key=f"liability-{unit}", label="Points" if unit == POINTS else "Money",
                         shown=formats.amount(balance, unit)) for unit, balance in figures.liabilities.items()]),
        Tile(title="Recharges", href=pending,
             help="Pending ones whenever they were made; delivered and failed ones of today.",
             lines=[Line(key="pending", label="Pending", shown=_count(figures.pending, "waiting"), href=pending),
                    Line(key="attention", label="Need a decision", shown=_count(figures.attention, "bad"),
                         href=pending),
                    Line(key="delivered", label="Delivered", shown=_count(figures.delivered),
                         href=_listed("recharges", status="success", made_from=day)),
                    Line(key="failed", label="Failed", shown=_count(figures.failed),
                         href=_listed("recharges", status="failed", made_from=day))]),
        Tile(title="Overdue instalments", href=_listed("purchases", overdue="yes"),
             help="Instalments whose due moment has passed unpaid, without late fees.",
             lines=_waiting("overdue", figures.overdue)),
        Tile(title="Settlements due", href=_listed("settlements", status=SettlementStatus.PENDING.value),
             help="Closed, and not transferred to the merchant yet.",
             lines=_waiting("settlements", figures.settlements)),
        Tile(title="Work in hand", href=url_for("jobs.index"),
             help="Jobs that wait for a worker, events whose notices and webhooks are not recorded yet, "
                  "and what was given up after many attempts.",
             lines=[Line(key="queued", label="Jobs waiting", shown=_queued()),
                    Line(key="owed", label="Events waiting", shown=_count(figures.owed)),
                    Line(key="parked", label="Given up", shown=_count(figures.parked, "bad"))]),
        Tile(title="Books proved", href=_listed("verifications"),
             help="The last time every entry, wallet and order was checked against each other.",
             lines=_proof(figures.verified))]


def _queued() -> Markup:
    try:
        return _count(sum(queue.count for queue in queues.known()))
    except RedisError:
        return Markup('<span class="state state-bad">Redis is away</span>')


def _waiting(key: str, waiting: Waiting) -> list[Line]:
    return [Line(key=f"{key}-count", label="How many", shown=_count(waiting.count, "bad" if key == "overdue" else "")),
            Line(key=f"{key}-amount", label="Amount", shown=formats.amount(waiting.amount))]


def _proof(last: Verification | None) -> list[Line]:
    if last is None:
        return [Line(key="proof", label="Result", shown=Markup("never")),
                Line(key="proved", label="When", shown=Markup("not yet"))]
    result = (Markup('<span class="state state-good">no breaks</span>') if last.ok
              else Markup('<span class="state state-bad">{} broken</span>').format(last.breaks) if last.breaks
              else Markup('<span class="state state-bad">not finished</span>'))
    return [Line(key="proof", label="Result", shown=result),
            Line(key="proved", label="When", shown=formats.when(last.finished_at))]


def _count(number: int, tone: str = "") -> Markup:
    """A number, which stands out in its tone unless it is nought."""
    text = Markup('<data class="count" value="{}">{}{}</data>').format(number, number,
                                                                       "+" if number >= MOST_COUNTED else "")
    return Markup('<span class="state state-{}">{}</span>').format(tone, text) if tone and number else text


def _listed(endpoint: str, **filters: str) -> str:
    return url_for(f"{endpoint}.index_view", **{f"flt_{name}": value for name, value in filters.items()})

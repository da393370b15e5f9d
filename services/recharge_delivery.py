"""Talking to the operator about a recharge, and the one place where what it says takes effect."""
from datetime import datetime, timedelta

from documents import clock
from documents.recharges import DELIVERED, Attempt, AttemptStatus, Recharge, Status
from documents.transactions import atomic
from services import events, recharge_books, recharge_coupons
from services.coupon_refusals import CouponRefused
from services.gateways.operators.base import Order, Outcome, State
from services.gateways.operators.choice import operator
from services.ledger import InsufficientFunds

LEASE = timedelta(seconds=45)
"""Longer than an operator's time-out: whoever is silent for longer than this has died."""
FIRST_CHECK = timedelta(minutes=1)
CHECK_AGES = [FIRST_CHECK, timedelta(minutes=5), timedelta(minutes=15), *(timedelta(hours=n) for n in range(1, 25))]
"""How old an attempt is each time that its outcome is asked for."""
DECLINED = "OPERATOR_DECLINED"


def submit(recharge: Recharge) -> Recharge:
    """Ask the operator for the newest attempt of a leased recharge, and apply its answer."""
    attempt = recharge.last_attempt
    outcome = operator().submit(Order(
        reference=attempt.reference, phone_number=recharge.phone_number, provider=recharge.plan.provider.title,
        plan=recharge.plan.identifier, amount=recharge.amount))
    return record_outcome(recharge=recharge, number=attempt.number, outcome=outcome)


def follow_up(recharge: Recharge) -> Recharge:
    """Ask what became of the newest attempt of a leased recharge, and apply the answer.

    An operator that never saw the reference gets it again: it honours a reference once, so this cannot deliver
    twice, while a refund could turn out to have been given for a delivery.
    """
    attempt = recharge.last_attempt
    outcome = operator().status(attempt.reference)
    if outcome.state is State.UNKNOWN:
        return submit(recharge)
    return record_outcome(recharge=recharge, number=attempt.number, outcome=outcome)


def record_outcome(*, recharge: Recharge, number: int, outcome: Outcome) -> Recharge:
    """Apply what the operator said about attempt `number`, from wherever, in any order, any number of times.

    Returns the recharge as it is afterwards. Every change is a compare-and-set; one that lost looks again.
    """
    while (changed := _apply(recharge, recharge.attempt(number), outcome)) is None:
        recharge = Recharge.get(recharge.id)
    return changed


def _apply(recharge: Recharge, attempt: Attempt, outcome: Outcome) -> Recharge | None:
    said = outcome.state
    if attempt.status == AttemptStatus.PENDING:
        if said is State.SUCCESS:
            return _deliver(recharge, attempt, outcome)
        return _give_up(recharge, attempt, outcome) if said is State.FAILED else _ask_later(recharge, attempt)
    if attempt.status == AttemptStatus.FAILED and said is State.SUCCESS:
        return _deliver_late(recharge, attempt, outcome)
    if attempt.status in DELIVERED and said is State.FAILED:
        return _contradict(recharge, attempt)
    return recharge


@atomic
def _deliver(recharge: Recharge, attempt: Attempt, outcome: Outcome) -> Recharge | None:
    was = AttemptStatus(attempt.status)
    delivered = Recharge.deliver(recharge.id, attempt, was=was, now=clock.now(), operator_ref=outcome.operator_ref)
    if delivered is None:
        return None
    late = was is AttemptStatus.FAILED
    recharge_coupons.confirm(recharge, attempt, late=late)
    recharge_books.book(recharge, attempt, recharge_books.LATE if late else recharge_books.SUCCESS)
    announce("recharge.succeeded", delivered)
    if late:
        _tell_staff("recharge.late_success", delivered, attempt, paid=True)
    return delivered


@atomic
def _give_up(recharge: Recharge, attempt: Attempt, outcome: Outcome) -> Recharge | None:
    now = clock.now()
    failed = Recharge.give_up(recharge.id, attempt.number, now=now, code=outcome.code or DECLINED,
                              operator_ref=outcome.operator_ref)
    if failed is None:
        return None
    recharge_coupons.release(recharge, attempt)
    recharge_books.take_back(recharge, attempt)
    if failed.delivered:
        return Recharge.absolve(recharge.id, now=now)
    announce("recharge.failed", failed)
    return failed


def _ask_later(recharge: Recharge, attempt: Attempt) -> Recharge | None:
    now = clock.now()
    due = next_check(attempt.started_at, now)
    if due is not None:
        return Recharge.postpone(recharge.id, attempt.number, now=now, next_check_at=due)
    return _hand_over(recharge, attempt, now)


@atomic
def _hand_over(recharge: Recharge, attempt: Attempt, now: datetime) -> Recharge | None:
    handed = Recharge.hand_over(recharge.id, attempt.number, now=now)
    if handed is not None and not recharge.needs_attention:
        _tell_staff("recharge.needs_attention", handed, attempt)
    return handed


def _deliver_late(recharge: Recharge, attempt: Attempt, outcome: Outcome) -> Recharge | None:
    """The attempt was paid back and delivered after all: charge it again if nothing else took its place."""
    if recharge.payment_status == Status.FAILED:
        try:
            return _deliver(recharge, attempt, outcome)
        except (InsufficientFunds, CouponRefused):
            pass
    return _write_off(recharge, attempt, outcome)


@atomic
def _write_off(recharge: Recharge, attempt: Attempt, outcome: Outcome) -> Recharge | None:
    lost = Recharge.lose(recharge.id, attempt.number, was=Status(recharge.payment_status), now=clock.now(),
                         operator_ref=outcome.operator_ref)
    if lost is not None:
        recharge_books.book(recharge, attempt, recharge_books.LOSS)
        if recharge.payment_status == Status.FAILED:
            announce("recharge.succeeded", lost)
        _tell_staff("recharge.late_success", lost, attempt, paid=False)
    return lost


@atomic
def _contradict(recharge: Recharge, attempt: Attempt) -> Recharge:
    noted = Recharge.contradict(recharge.id, attempt.number, now=clock.now())
    if noted is not None:
        _tell_staff("recharge.contradicted", noted, attempt)
    return noted or recharge


def next_check(started_at: datetime, now: datetime) -> datetime | None:
    """When to ask next about an attempt: 1, 5 and 15 minutes after it began, then hourly; None after a day."""
    return next((started_at + age for age in CHECK_AGES if started_at + age > now), None)


def announce(type_: str, recharge: Recharge) -> None:
    """Record for the customer what became of a recharge; `amount` is in minor units."""
    events.record(type_, subject=f"recharge:{recharge.id}", user=recharge.user, plan_title=recharge.plan.title,
                  provider_title=recharge.plan.provider.title, phone_number=recharge.phone_number,
                  amount=recharge.amount, code=recharge.code, at=recharge.updated_at.isoformat())


def _tell_staff(type_: str, recharge: Recharge, attempt: Attempt, **facts: bool) -> None:
    events.record(type_, subject=f"recharge:{recharge.id}", reference=attempt.reference,
                  amount=recharge.amount, net=attempt.net, **facts)

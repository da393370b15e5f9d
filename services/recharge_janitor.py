"""What was left pending: asked about on schedule, and decided by a person when the operator never says."""
from collections.abc import Iterator

from documents import clock
from documents.errors import Conflict, Invalid, NotFound
from documents.recharges import Recharge, Status
from documents.transactions import atomic, current_session
from services import events
from services.gateways.operators.base import Outcome, State
from services.recharge_delivery import LEASE, follow_up, record_outcome

BATCH = 200
RESOLVED_BY_HAND = "RESOLVED_BY_HAND"


def follow_up_due() -> int:
    """Ask about every recharge whose time has come; returns how many were asked about.

    Any number of janitors may run: the lease gives each recharge to one of them.
    """
    asked = 0
    while batch := list(_due()):
        asked += sum(_follow_up(recharge_id) for recharge_id in batch)
        if len(batch) < BATCH:
            break
    return asked


def record_answer(*, reference: str, outcome: Outcome) -> Recharge:
    """Apply what an operator tells by itself about one of our references. Raises NotFound for one never submitted."""
    recharge = Recharge.find_one({"transaction_id": reference.rpartition("-")[0]})
    if recharge is None:
        raise NotFound
    number = next((attempt.number for attempt in recharge.submitted if attempt.reference == reference), None)
    if number is None:
        raise NotFound
    return record_outcome(recharge=recharge, number=number, outcome=outcome)


@atomic
def resolve(*, recharge_id: int, outcome: State, actor: int, reason: str) -> Recharge:
    """Decide a pending recharge by hand, for `reason`, when the operator cannot be made to say.

    Raises Invalid unless `outcome` is success or failed, NotFound, Conflict when it is no longer pending.
    """
    if outcome not in (State.SUCCESS, State.FAILED):
        raise Invalid.field("outcome", "Must be success or failed.")
    recharge = Recharge.get(recharge_id)
    if recharge.payment_status != Status.PENDING:
        raise Conflict("This recharge is not pending.")
    events.record("recharge.resolved", subject=f"recharge:{recharge.id}", outcome=outcome, actor=actor, reason=reason)
    decided = Outcome(outcome, code=RESOLVED_BY_HAND if outcome is State.FAILED else None)
    return record_outcome(recharge=recharge, number=recharge.last_attempt.number, outcome=decided)


def _due() -> Iterator[int]:
    now = clock.now()
    rows = Recharge.collection().find(
        {"next_check_at": {"$lte": now}, "lease_until": {"$lte": now}}, {"_id": 1},
        session=current_session(), sort=[("next_check_at", 1)], limit=BATCH)
    return (row["_id"] for row in rows)


def _follow_up(recharge_id: int) -> bool:
    now = clock.now()
    leased = Recharge.lease(recharge_id, now=now, until=now + LEASE)
    if leased is not None:
        follow_up(leased)
    return leased is not None

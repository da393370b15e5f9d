"""Having the books proved and keeping the answer: every night, from the console, or by hand."""
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict
from documents.ids import new_uuid
from documents.transactions import atomic
from documents.users import User
from documents.verifications import MAX_LINE, MAX_LINES, THE_ONE, CheckResult, Origin, Verification
from services import staff_actions, verification
from services.verification import Finding
from services.wakeups import Wakeup

NIGHT_HOURS = range(2, 6)
"""Of the business' day: few people buy then, and a proof reads everything there is."""
MAX_ATTEMPTS = 3

log = logging.getLogger(__name__)
_ordered: Wakeup[[]] = Wakeup()


class AlreadyProving(Conflict):
    code = "verification_open"
    detail = "The books are being proved already."


@atomic
def order(*, actor: User, address: str) -> Verification:
    """Have a worker prove the books now, and write that into the audit list. Raises AlreadyProving."""
    ordered = _order(new_uuid(), Origin.CONSOLE, clock.now(), ordered_by=actor.id)
    if ordered is None:
        raise AlreadyProving
    staff_actions.record(name="ledger.verify", subject=f"verification:{ordered.id}", actor=actor.id, address=address)
    _ordered.after_commit()
    return ordered


def run_due() -> None:
    """Order tonight's proof unless it is, then carry out the one that waits. Any number may run this at once."""
    now = clock.now()
    local = now.astimezone(settings.current().timezone)
    if local.hour in NIGHT_HOURS:
        # The night is the id: one proof a night, however many schedulers ask.
        _order(f"night-{local:%Y-%m-%d}", Origin.NIGHT, now)
    claimed = Verification.claim(now)
    if claimed is not None:
        _carry_out(claimed)


def run_and_keep() -> Iterator[Finding]:
    """Prove the books at once, yielding each finding; the whole is kept when the last one was taken."""
    started_at, results = clock.now(), []
    for finding, result in _prove():
        results.append(result)
        yield finding
    Verification(id=new_uuid(), origin=Origin.COMMAND.value, ordered_at=started_at, started_at=started_at,
                 planned=len(results), checks=results, **_conclusion(results)).create()


def on_ordered(waker: Callable[[], None]) -> None:
    """Call `waker` after each order. It must not raise: the schedule is the guarantee."""
    _ordered.listen(waker)


def _order(verification_id: str, origin: Origin, now: datetime, **facts: int) -> Verification | None:
    """Order one, or None when one waits or runs already, or this very one did."""
    if Verification.find_one({"$or": [{"turn": THE_ONE}, {"_id": verification_id}]}) is not None:
        return None
    try:
        return Verification(id=verification_id, origin=origin.value, ordered_at=now, turn=THE_ONE, due_at=now,
                            planned=len(verification.CHECKS), **facts).create()
    except Duplicate:
        return None


def _carry_out(claimed: Verification) -> None:
    if claimed.attempts > MAX_ATTEMPTS:
        claimed.finish({"finished_at": clock.now(), "ok": False,
                        "error": f"Given up: {MAX_ATTEMPTS} workers began and none came to the end."})
        return
    results = []
    for _, result in _prove():
        results.append(result)
        if not claimed.note(result, planned=len(verification.CHECKS), now=clock.now()):
            return
    conclusion = _conclusion(results)
    claimed.finish(conclusion)
    if not conclusion["ok"]:
        log.error("The books are broken: %s breaks, see verification %s", conclusion["breaks"], claimed.id)


def _prove() -> Iterator[tuple[Finding, CheckResult]]:
    begun = time.monotonic()
    for finding in verification.verify():
        took = int((time.monotonic() - begun) * 1000)
        yield finding, CheckResult(name=finding.check, breaks=len(finding.breaks), milliseconds=took,
                                   lines=[line[:MAX_LINE] for line in finding.breaks[:MAX_LINES]])
        begun = time.monotonic()


def _conclusion(results: list[CheckResult]) -> dict:
    breaks = sum(result.breaks for result in results)
    return {"finished_at": clock.now(), "ok": not breaks, "breaks": breaks, "counted": verification.counts()}

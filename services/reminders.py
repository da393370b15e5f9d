"""Reminders of what is due: each once, by whichever scheduler comes first, and only the newest after days off."""
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from config import settings
from documents import clock
from documents.purchases import Installment, Purchase
from documents.transactions import atomic
from services import installments
from services.installment_notices import reminder

CATCH_UP_DAYS = 14
"""A last reminder that nobody sent for so many days is not sent any more."""


class Stage(NamedTuple):
    """The instalments that are `days` past their due day (negative: before), until the next stage takes over."""

    days: int
    since: datetime
    until: datetime


def send_due() -> int:
    """Send the reminders that are due today and not sent yet; returns how many.

    After days off, an instalment that has passed several stages gets the newest one alone.
    """
    sent = 0
    for stage in stages():
        for purchase in Purchase.to_remind(stage.days, stage.since, stage.until):
            for installment in purchase.installments:
                if installment.awaits_reminder(stage.days, stage.since, stage.until):
                    sent += _remind(purchase.id, installment.id, stage)
    return sent


def stages() -> Iterator[Stage]:
    """What each reminder setting means for today: which due dates belong to it."""
    known = settings.current()
    today = clock.day_of(clock.now(), known.timezone)
    days = sorted({*(-before for before in known.reminder_days_before), *known.reminder_days_after})
    for stage, following in zip(days, [*days[1:], days[-1] + CATCH_UP_DAYS], strict=True):
        yield Stage(stage, _start(today, 1 - following), _start(today, 1 - stage))


def _start(today: date, days: int) -> datetime:
    return clock.day_start(today + timedelta(days=days), settings.current().timezone)


@atomic
def _remind(purchase_id: int, installment_id: int, stage: Stage) -> bool:
    purchase = Purchase.claim_reminder(purchase_id, installment_id, stage.days, stage.since, stage.until)
    if purchase is None:
        return False
    installment: Installment = purchase.installment(installment_id)
    reminder(key=f"installment:{installment_id}:due:{stage.days}", purchase=purchase, installment=installment,
             late_fee=installments.fee_due(installment, clock.now()))
    return True

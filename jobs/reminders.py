"""Reminding buyers of their instalments."""
from jobs.runtime import task
from services import reminders


@task
def send() -> None:
    """Send what is due today and was not sent yet, however many schedulers call this."""
    reminders.send_due()

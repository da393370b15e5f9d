"""Delivering mail and SMS."""
from bson import ObjectId

from jobs.runtime import task
from services import messages


@task
def deliver(message_id: str) -> None:
    """Deliver one message now."""
    messages.deliver(ObjectId(message_id))


@task
def sweep() -> None:
    """Deliver the messages whose wake-up was lost or whose retry is due."""
    messages.deliver_due()

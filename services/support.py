"""Support tickets: opening, answering; the owner hears of changes only."""
from typing import Any

from documents import clock
from documents.errors import Invalid
from documents.ids import next_id
from documents.permissions import Permission
from documents.recharges import Recharge
from documents.tickets import Ticket, TicketStatus
from documents.transactions import atomic
from documents.users import User
from services import events


def open_ticket(*, user: User, issue_type: str, description: str, transaction: int | None = None) -> Ticket:
    """Open a ticket of `user`; raises Invalid when `transaction` is no recharge of theirs."""
    if transaction is not None and Recharge.find_one({"_id": transaction, "user": user.id}) is None:
        raise Invalid.field("transaction", "This is not one of your recharges.")
    now = clock.now()
    return Ticket(id=next_id("tickets"), user=user.id, issue_type=issue_type, description=description,
                  status=TicketStatus.OPEN.value, transaction=transaction, created_at=now, updated_at=now).create()


def visible_to(user: User) -> dict:
    """The filter of the tickets that `user` may see: everybody's for staff, the own ones otherwise."""
    return {} if user.can(Permission.MANAGE_SUPPORT) else {"user": user.id}


def find_ticket(*, ticket_id: int, user: User) -> Ticket:
    """One ticket that `user` may see. Raises NotFound."""
    return Ticket.get(ticket_id, **visible_to(user))


@atomic
def answer(*, ticket_id: int, actor: User, changes: dict[str, Any]) -> Ticket:
    """Set `status` and `resolution_notes` as given; the owner is told only if that changes something.

    Raises NotFound. Two answers at once: the later one works on what the earlier one left.
    """
    before = Ticket.get(ticket_id)
    news = {name: value for name, value in changes.items() if before[name] != value}
    if not news:
        return before
    news |= {"assigned_to": before.assigned_to or actor.id, "updated_at": clock.now()}
    ticket = Ticket.change({"_id": ticket_id}, {"$set": news}) or before
    events.record("ticket.updated", subject=f"ticket:{ticket_id}", user=ticket.user, actor=actor.id,
                  issue_type=ticket.issue_type, status=ticket.status, resolution_notes=ticket.resolution_notes)
    return ticket

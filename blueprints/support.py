"""Support tickets: anybody opens and follows their own, staff see and answer all."""
from blueprints.guards import current_user, requires
from blueprints.schemas.support import NewTicket, TicketAnswer, TicketAnswered, TicketFilters, TicketOpened, TicketRow
from blueprints.shell import Blueprint
from documents.listing import Listing
from documents.permissions import Permission
from documents.tickets import Ticket
from services import support

blp = Blueprint("support", __name__, url_prefix="/api/support/tickets", description="Support tickets")

ORDERINGS = {"id": "_id", "created_at": "created_at"}


@blp.route("/", methods=["GET"])
@requires()
@blp.listing(TicketRow, TicketFilters, bare=True)
def list_tickets(filters):
    """List the caller's tickets, or everybody's for staff."""
    match = {"$and": [support.visible_to(current_user), filters]}
    return Listing(Ticket, match, order=[("_id", 1)], orderings=ORDERINGS, searchable=["description"])


@blp.route("/", methods=["POST"])
@requires()
@blp.arguments(NewTicket)
@blp.response(201, TicketOpened)
def open_ticket(body):
    """Open a ticket."""
    ticket = support.open_ticket(user=current_user, **body)
    return {"message": "Support ticket created", "ticket": ticket, "id": ticket.id,
            "issue_type": ticket.issue_type, "description": ticket.description}


@blp.route("/<int:ticket_id>/", methods=["GET"])
@requires()
@blp.response(200, TicketRow)
def show_ticket(ticket_id):
    """Show one ticket: an own one, or any for staff."""
    return support.find_ticket(ticket_id=ticket_id, user=current_user)


@blp.route("/<int:ticket_id>/status/", methods=["PUT", "PATCH"])
@requires(Permission.MANAGE_SUPPORT)
@blp.arguments(TicketAnswer)
@blp.response(200, TicketAnswered)
def answer_ticket(body, ticket_id):
    """Set a ticket's status and resolution notes; its owner is told if that changes something."""
    ticket = support.answer(ticket_id=ticket_id, actor=current_user, changes=body)
    return {"message": "Support ticket updated", "ticket": ticket, "status": ticket.status,
            "resolution_notes": ticket.resolution_notes}

"""Support tickets on the wire."""
from marshmallow import fields

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, Id, Str, TimeField
from documents.tickets import IssueType, TicketStatus

LONGEST_TEXT = 5_000


class TicketRow(Schema):
    id = Id()
    issue_type = ChoiceField(IssueType)
    description = Str()
    status = ChoiceField(TicketStatus)
    created_at = TimeField()
    updated_at = TimeField()
    resolution_notes = Str(allow_none=True)
    user = Id()
    transaction = Id(allow_none=True)
    assigned_to = Id(allow_none=True)


class TicketFilters(Schema):
    status = ChoiceField(TicketStatus)
    issue_type = ChoiceField(IssueType)
    user = Id(metadata={"description": "For staff: only the tickets of this user"})


class NewTicket(Schema):
    issue_type = ChoiceField(IssueType, required=True)
    description = Str(required=True, max=LONGEST_TEXT)
    transaction = Id(allow_none=True, metadata={"description": "The caller's recharge that it is about"})


class TicketOpened(Schema):
    message = Str()
    ticket = fields.Nested(TicketRow)
    id = Id()
    issue_type = ChoiceField(IssueType)
    description = Str()


class TicketAnswer(Schema):
    status = ChoiceField(TicketStatus)
    resolution_notes = Str(allow_none=True, blank=True, max=LONGEST_TEXT)


class TicketAnswered(Schema):
    message = Str()
    ticket = fields.Nested(TicketRow)
    status = ChoiceField(TicketStatus)
    resolution_notes = Str(allow_none=True)

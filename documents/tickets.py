"""Support tickets: opened by anybody, answered by staff."""
from enum import StrEnum

from mongoengine import DateTimeField, IntField, StringField

from documents.base import Document


class IssueType(StrEnum):
    RECHARGE_FAILURE = "RECHARGE_FAILURE"
    PAYMENT_ISSUE = "PAYMENT_ISSUE"
    PLAN_QUERY = "PLAN_QUERY"
    ACCOUNT_ISSUE = "ACCOUNT_ISSUE"
    OTHER = "OTHER"

    @property
    def display(self) -> str:
        return self.replace("_", " ").capitalize()


class TicketStatus(StrEnum):
    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"

    @property
    def display(self) -> str:
        return self.replace("_", " ").capitalize()


class Ticket(Document):
    id = IntField(primary_key=True)
    user = IntField(required=True)
    issue_type = StringField(required=True, choices=[member.value for member in IssueType])
    description = StringField(required=True, max_length=5_000)
    status = StringField(required=True, choices=[member.value for member in TicketStatus],
                         default=TicketStatus.OPEN.value)
    resolution_notes = StringField(max_length=5_000)
    transaction = IntField()
    """The owner's recharge that it is about."""
    assigned_to = IntField()
    """The member of staff who answered first."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "tickets", "indexes": [
        ["user", "id"],
        ["user", "-created_at", "-id"],
        ["status", "id"],
        ["issue_type", "id"],
        ["created_at", "id"],
    ]}

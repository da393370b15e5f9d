"""What people are told when something happened: one function a kind of event, the words included."""
from datetime import datetime

from config import settings
from documents import money
from documents.events import Event
from documents.notifications import NoticeKind
from documents.tickets import IssueType, TicketStatus
from documents.users import User
from services.notifications import Notice, tell

REASONS = {"INSUFFICIENT_FUNDS": "due to insufficient funds in your wallet"}
SYMBOLS = {"INR": "₹", "EUR": "€", "USD": "$", "GBP": "£"}


def welcome(event: Event) -> None:
    """Greet somebody who has just registered."""
    _tell(event, gate="new_user_registered", notice=Notice(
        kind=NoticeKind.USER_REGISTERED, title="Welcome to Our Platform!",
        text="Thank you for registering. Your account is ready to use."))


def recharge_succeeded(event: Event) -> None:
    """Confirm a recharge: when, which number, how much."""
    data = event.data
    _tell(event, gate="recharge_success", notice=Notice(
        kind=NoticeKind.RECHARGE, title=f"Recharge Successful for {data['plan_title']}", related_id=_id_in(event),
        text=f"Your recharge was successful.\nDate: {_local(data['at'])}\nPhone number: {data['phone_number']}\n"
             f"Amount: {price(data['amount'])}"))


def recharge_failed(event: Event) -> None:
    """Say that a recharge failed and that it cost nothing."""
    data = event.data
    reason = REASONS.get(data.get("code", ""), "and nothing was charged")
    _tell(event, gate="recharge_failed", notice=Notice(
        kind=NoticeKind.RECHARGE, title="Recharge Failed", related_id=_id_in(event),
        text=f"Your recharge of {data['phone_number']} with {data['plan_title']} ({price(data['amount'])}) "
             f"failed {reason}."))


def ticket_updated(event: Event) -> None:
    """Tell the owner of a ticket where it stands."""
    data = event.data
    notes = f"\nAnswer: {data['resolution_notes']}" if data.get("resolution_notes") else ""
    _tell(event, notice=Notice(
        kind=NoticeKind.SUPPORT, title=f"Support Ticket #{_id_in(event)} Update", related_id=_id_in(event),
        text=f"Your support ticket has been updated.\nIssue: {IssueType(data['issue_type']).display}\n"
             f"Status: {TicketStatus(data['status']).display}{notes}"))


def low_balance(*, key: str, user: User, balance: int) -> None:
    """Warn that a wallet runs low; `balance` in minor units."""
    tell(key=key, user=user, gate="low_balance", notice=Notice(
        kind=NoticeKind.LOW_BALANCE, title="Low Wallet Balance Alert",
        text=f"Your wallet balance is {price(balance)}. Please add money to keep serving your customers."))


def price(amount: int) -> str:
    """`amount` minor units as people write it: ₹199.00."""
    currency = settings.current().currency
    return f"{SYMBOLS.get(currency, currency + ' ')}{money.text(amount)}"


def _tell(event: Event, *, notice: Notice, gate: str | None = None) -> None:
    user = User.find_one({"_id": event.user, "is_active": True})
    # Somebody who has left since is not written to.
    if user is not None:
        tell(key=f"event:{event.id}", user=user, notice=notice, gate=gate)


def _id_in(event: Event) -> int:
    return int(event.subject.partition(":")[2])


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(settings.current().timezone).strftime("%d %b %Y, %H:%M")

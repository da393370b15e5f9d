"""What buyers are told: receipts, a word when all is paid, and reminders of what is due."""
from datetime import datetime

from config import settings
from documents.events import Event
from documents.notifications import NoticeKind
from documents.purchases import Installment, Purchase
from documents.users import User
from services.notices import price
from services.notifications import Notice, tell


def receipt(event: Event) -> None:
    """Confirm a payment: for what, how much, the late fee in it, and what is left."""
    data = event.data
    part = f"installment {data['number']}" if data["number"] else "all that was left"
    fee = f" It includes a late fee of {price(data['fee'])}." if data["fee"] else ""
    _write(f"event:{event.id}", event.user, Notice(
        kind=NoticeKind.PAYMENT, title="Payment Receipt", related_id=_purchase_in(event),
        text=f"We received {price(data['amount'] + data['fee'])} for {part} of {data['product_name']}.{fee}\n"
             f"Left to pay: {price(data['left'])}"))


def fully_paid(event: Event) -> None:
    """Say that nothing is left to pay."""
    data = event.data
    _write(f"event:{event.id}", event.user, Notice(
        kind=NoticeKind.PAYMENT, title="Purchase Fully Paid", related_id=_purchase_in(event),
        text=f"Your {data['product_name']} is fully paid ({price(data['total_price'])}). Thank you!"))


def fee_waived(event: Event) -> None:
    """Say that a late fee was waived, and why."""
    data = event.data
    _write(f"event:{event.id}", event.user, Notice(
        kind=NoticeKind.PAYMENT, title="Late Fee Waived", related_id=_purchase_in(event),
        text=f"The late fee on installment {data['number']} was waived: {data['reason']}"))


def reminder(*, key: str, purchase: Purchase, installment: Installment, late_fee: int) -> None:
    """Remind the buyer of one instalment, before or after its due day; `late_fee` in minor units, 0 when in time."""
    what = f"installment {installment.number} of {purchase.product_name}"
    if late_fee:
        text = (f"{price(installment.due_amount)} for {what} was due on {_day(installment.due_date)}.\n"
                f"With the late fee of {price(late_fee)}, please pay {price(installment.due_amount + late_fee)}.")
    else:
        text = (f"{price(installment.due_amount)} for {what} is due on {_day(installment.due_date)}.\n"
                f"Please pay in time: a late payment costs a penalty of 10%.")
    _write(key, purchase.customer, Notice(
        kind=NoticeKind.PAYMENT, title="Installment Due Reminder", text=text, related_id=purchase.id))


def _write(key: str, user_id: int | None, notice: Notice) -> None:
    user = User.find_one({"_id": user_id, "is_active": True})
    # Somebody who has left since is not written to.
    if user is not None:
        tell(key=key, user=user, notice=notice, by_mail=True)


def _purchase_in(event: Event) -> int:
    return int(event.subject.partition(":")[2])


def _day(moment: datetime) -> str:
    return moment.astimezone(settings.current().timezone).strftime("%d %b %Y")

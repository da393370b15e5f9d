"""What merchants are told about their money, in the words that their clients show."""
from documents.events import Event
from documents.merchants import Merchant
from documents.notification_settings import NotificationSettings
from documents.notifications import NoticeKind
from documents.users import User
from services import messages
from services.notices import price
from services.notifications import record_once


def payment_received(event: Event) -> None:
    """Tell a merchant's owner of a payment."""
    if event.merchant is not None:
        _tell(event, NoticeKind.PAYMENT, "Payment Received",
              f"{price(event.data['final_amount'])} payment received successfully.")


def settlement_created(event: Event) -> None:
    """Tell a merchant's owner of what will be transferred; nothing when all of it was carried forward."""
    if event.data["amount"]:
        text = f"Settlement of {price(event.data['amount'])} is pending."
        _write(event, "Settlement Created", text, _tell(event, NoticeKind.SETTLEMENT, "Settlement Created", text))


def settlement_paid(event: Event) -> None:
    """Tell a merchant's owner that the bank has transferred a settlement."""
    text = f"{price(event.data['amount'])} has been settled to your account."
    _write(event, "Settlement Paid", text, _tell(event, NoticeKind.SETTLEMENT, "Settlement Paid", text))


def _tell(event: Event, kind: NoticeKind, title: str, text: str) -> Merchant:
    merchant = Merchant.get(event.merchant)
    if NotificationSettings.current().in_app:
        record_once(f"event:{event.id}", user=merchant.user, kind=kind, title=title, message=text)
    return merchant


def _write(event: Event, title: str, text: str, merchant: Merchant) -> None:
    """By mail and SMS, as the merchant's own settings say."""
    chosen = merchant.settings
    if chosen.notification_email:
        messages.send(channel="email", to=chosen.notification_email, subject=title, body=text,
                      key=f"event:{event.id}:merchant:email")
    # An SMS costs money, and the number on a shop may be a stranger's: only one that its owner has proved gets it.
    if chosen.notification_sms and merchant.phone in User.get(merchant.user).proven_addresses():
        messages.send(channel="sms", to=merchant.phone, body=f"{merchant.business_name}: {text}",
                      key=f"event:{event.id}:merchant:sms")

"""What merchants hear about their money: once each, in the words of the old clients."""
from documents.messages import Message
from documents.notifications import Notification
from services import settlements
from services.dispatch import dispatch_pending
from tests.shops import shop, take


def test_payment_settlement_and_transfer_are_told_once_each(people):
    owner, admin = people.client(), people.admin()
    shop(owner, settings={"notification_email": "books@shop.example"})
    take(owner, "250.50")
    made = settlements.settle_by_hand(actor=owner, amount=25_050)
    settlements.mark_paid(made.id, by=admin)
    while dispatch_pending(limit=10):
        pass
    notices = [(row.kind, row.title, row.message) for row in Notification.find({"user": owner.id}, sort=[("_id", 1)])]
    assert notices == [
        ("PAYMENT", "Payment Received", "₹250.50 payment received successfully."),
        ("SETTLEMENT", "Settlement Created", "Settlement of ₹250.50 is pending."),
        ("SETTLEMENT", "Settlement Paid", "₹250.50 has been settled to your account."),
    ]
    assert [(row.channel, row.to) for row in Message.find({}, sort=[("_id", 1)])] == [
        ("email", "books@shop.example"), ("sms", owner.phone)] * 2


def test_a_merchant_that_wants_no_sms_gets_none(people):
    owner = people.client()
    shop(owner, settings={"notification_sms": False})
    take(owner)
    settlements.settle_by_hand(actor=owner, amount=10_000)
    while dispatch_pending(limit=10):
        pass
    assert Message.collection().count_documents({}) == 0

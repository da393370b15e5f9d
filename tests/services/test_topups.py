"""Top-ups: the order fixes the amount, and it is credited once, whatever arrives."""
import hashlib
import hmac
import json

import pytest

from documents.errors import Invalid, NotFound
from documents.payments import Payment, Status
from documents.users import User
from services import gateway_events, ledger, topups, wallets
from services.gateways.payments import simulated_topups
from services.gateways.payments.base import BadSignature
from services.gateways.payments.razorpay_events import HEADER, signature
from services.topups import BadPaymentSignature
from tests.parallel import breaks, together


def sign(order_id: str, charge: str = "pay_1", secret: str = simulated_topups.KEY_SECRET) -> dict:
    return {"order_id": order_id, "charge": charge, "signature": signature(secret, order_id, charge)}


def order(user: User, amount: int = 50_050) -> str:
    return topups.create_order(user=user, amount=amount).payment.gateway.intent


def webhook(payment: dict, type_: str = "payment.captured") -> bytes:
    return json.dumps({"entity": "event", "event": type_, "payload": {"payment": {"entity": payment}}}).encode()


def hear(body: bytes, secret: str = simulated_topups.WEBHOOK_SECRET) -> str:
    return gateway_events.hear_topups(body, {HEADER: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()})


def balance(user: User) -> int:
    return wallets.wallet_of(user.id).balance


def test_a_signed_success_credits_the_orders_amount_once(people):
    user = people.client()
    order_id = order(user)
    for _ in range(2):
        paid = topups.confirm(user=user, **sign(order_id))
    assert (paid.status, paid.method, paid.gateway.charge) == (Status.SUCCESS, "razorpay", "pay_1")
    assert (balance(user), ledger.balance("gateway:simulated_razorpay")) == (50_050, -50_050)
    assert breaks() == []


def test_neither_another_amount_nor_another_person_nor_a_forged_signature(people):
    user = people.client()
    order_id = order(user)
    with pytest.raises(Invalid):
        topups.confirm(user=user, **sign(order_id), amount=50_051)
    with pytest.raises(NotFound):
        topups.confirm(user=people.client(), **sign(order_id))
    with pytest.raises(BadPaymentSignature):
        topups.confirm(user=user, **sign(order_id, secret="guessed"))
    with pytest.raises(BadPaymentSignature):
        topups.confirm(user=user, **sign(order_id) | {"charge": "pay_2"})
    assert balance(user) == 0


def test_the_webhook_credits_when_the_browser_is_closed(people):
    user = people.client()
    order_id = order(user)
    body = webhook(simulated_topups.pay(order_id, "pay_9"))
    assert [hear(body), hear(body)] == ["applied", "ignored"]
    with pytest.raises(BadSignature):
        hear(body, secret="another")
    with pytest.raises(BadSignature):
        gateway_events.hear_topups(body, {})
    assert balance(user) == 50_050


def test_a_failed_try_does_not_end_the_order(people):
    user = people.client()
    order_id = order(user)
    failed = {"id": "pay_0", "order_id": order_id, "amount": 50_050, "currency": "INR", "status": "failed"}
    hear(webhook(failed, "payment.failed"))
    topups.confirm(user=user, **sign(order_id))
    assert balance(user) == 50_050


def test_all_at_once_credits_once(people):
    user = people.client()
    order_id = order(user)
    body = webhook(simulated_topups.pay(order_id, "pay_1"))
    answers = together(9, lambda number: hear(body) if number == 8 else topups.confirm(user=user, **sign(order_id)))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert balance(user) == 50_050
    assert breaks() == []


@pytest.mark.parametrize(("spent", "loss"), [("0.00", 0), ("500.00", -50_050)])
def test_a_top_up_taken_back_by_the_gateway_is_borne_by_the_house_once_it_is_spent(people, spent, loss):
    admin, user = people.admin(), people.client()
    order_id = order(user)
    topups.confirm(user=user, **sign(order_id))
    if spent != "0.00":
        wallets.take_money(actor=admin, user_email=user.email, amount=50_000)
    payment = simulated_topups.pay(order_id, "pay_1")
    hear(webhook(payment | {"status": "refunded", "amount_refunded": 50_050}, "refund.processed"))
    assert Payment.find_one({"gateway.intent": order_id}).status == Status.REFUNDED
    assert (balance(user), ledger.balance("losses:payments")) == (50 if loss else 0, loss)
    assert breaks() == []

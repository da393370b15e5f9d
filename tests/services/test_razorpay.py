"""Top-ups through Razorpay's SDK, against a server that speaks as Razorpay does."""
import dataclasses
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config import settings as settings_in_use
from documents.payments import Payment, Status
from services import topups, wallets
from services.card_payments import NotSuccessful
from services.gateway_outcomes import PaymentMismatch
from services.gateways.payments.base import GatewayRefused, GatewayUnavailable
from services.gateways.payments.razorpay_events import signature
from tests.parallel import breaks

KEY_ID, KEY_SECRET = "rzp_test_1", "a secret of the suite"


class Razorpay:
    """Orders, and what was tried to pay them."""

    def __init__(self) -> None:
        self.orders: dict[str, dict] = {}
        self.payments: dict[str, list[dict]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def pay(self, order_id: str, status: str, **facts: object) -> None:
        order = self.orders[order_id]
        self.payments[order_id].append({
            "id": f"pay_{len(self.payments[order_id])}", "order_id": order_id, "status": status,
            "amount": order["amount"], "currency": order["currency"], "error_code": None, **facts})


@pytest.fixture
def razorpay(app, settings, monkeypatch) -> Iterator[Razorpay]:
    razorpay = Razorpay()
    thread = threading.Thread(target=razorpay.server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(settings_in_use, "_current", dataclasses.replace(
        settings, razorpay_key_id=KEY_ID, razorpay_key_secret=KEY_SECRET, gateway_timeout_seconds=5,
        razorpay_api_base=f"http://127.0.0.1:{razorpay.server.server_port}"))
    yield razorpay
    topups.topups().close()
    razorpay.server.shutdown()
    razorpay.server.server_close()
    thread.join()


def signed(order_id: str, charge: str = "pay_0") -> dict:
    return {"order_id": order_id, "charge": charge, "signature": signature(KEY_SECRET, order_id, charge)}


def test_an_order_is_credited_when_its_money_was_captured(people, razorpay):
    user = people.client()
    order = topups.create_order(user=user, amount=12_345)
    order_id = order.payment.gateway.intent
    assert order.public_key == KEY_ID
    assert razorpay.orders[order_id] == {
        "id": order_id, "amount": 12_345, "currency": "INR", "receipt": order.payment.id, "payment_capture": 1}
    razorpay.pay(order_id, "failed", error_code="BAD_REQUEST_ERROR")
    razorpay.pay(order_id, "authorized")
    with pytest.raises(NotSuccessful):
        topups.confirm(user=user, **signed(order_id))
    assert Payment.get(order.payment.id).status == Status.PROCESSING
    razorpay.pay(order_id, "captured")
    paid = topups.confirm(user=user, **signed(order_id, "pay_2"))
    assert (paid.status, paid.gateway.charge, wallets.wallet_of(user.id).balance) == (Status.SUCCESS, "pay_2", 12_345)
    assert breaks() == []


def test_another_amount_than_the_orders_is_not_credited(people, razorpay):
    user = people.client()
    order_id = topups.create_order(user=user, amount=12_345).payment.gateway.intent
    razorpay.pay(order_id, "captured", amount=1)
    with pytest.raises(PaymentMismatch):
        topups.confirm(user=user, **signed(order_id))
    assert wallets.wallet_of(user.id).balance == 0


def test_what_razorpay_refuses_and_a_razorpay_that_is_away(people, razorpay, monkeypatch, capsys):
    user = people.client()
    with pytest.raises(GatewayRefused):
        topups.create_order(user=user, amount=1)
    assert Payment.find_one({"user": user.id}).status == Status.FAILED
    with monkeypatch.context() as away:
        away.setattr(settings_in_use, "_current", dataclasses.replace(
            settings_in_use.current(), razorpay_api_base="http://127.0.0.1:1"))
        with pytest.raises(GatewayUnavailable):
            topups.create_order(user=user, amount=500)
        topups.topups().close()
    assert Payment.find_one({"user": user.id, "amount": 500}).status == Status.PENDING


def _handler(razorpay: Razorpay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked["amount"] < 100:
                return self._answer(400, {"error": {"code": "BAD_REQUEST_ERROR", "description": "Too little"}})
            order = {"id": f"order_{len(razorpay.orders)}", **asked}
            razorpay.orders[order["id"]], razorpay.payments[order["id"]] = order, []
            return self._answer(200, order)

        def do_GET(self) -> None:
            order_id, _, rest = self.path.removeprefix("/v1/orders/").partition("/")
            self._answer(200, {"items": razorpay.payments[order_id]} if rest else razorpay.orders[order_id])

        def _answer(self, status: int, body: dict) -> None:
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None: ...

    return Handler

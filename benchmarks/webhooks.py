"""Webhooks a second, a gateway's into the API and ours to receivers: `python -m benchmarks.webhooks`.

In: signed successes of card payments, each of which books money and hands out two vouchers, over HTTP into two
gunicorn workers. Out: events to four receivers, signed and logged, by one `hooks` worker.
"""
import dataclasses
import http.client
import itertools
import json
import multiprocessing
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

from benchmarks import installation
from benchmarks.api import PORT, ROUNDS
from config import connections
from config import settings as settings_in_use
from documents.users import User
from documents.voucher_types import VoucherType
from documents.vouchers import Voucher
from documents.webhook_deliveries import WebhookDelivery
from services import card_payments, dispatch, events, webhook_delivery, webhook_endpoints
from services.gateways.payments import simulated
from services.gateways.payments.stripe_events import HEADER, sign

PAYMENTS = 600
EVENTS = 400
RECEIVERS = 4
CLIENTS = 16
ASKED_FOR = 100


def main() -> None:
    """Measure both directions and print medians."""
    with installation.running(PORT) as running:
        settings_in_use.use(dataclasses.replace(running.settings, webhook_allowed_networks=("127.0.0.0/8",)))
        connections.connect(running.settings)
        print(f"{'':<44}{'a second':>10}{'asked for':>12}")
        before = running.cpu_seconds()
        rates = [_take_in() for _ in range(ROUNDS)]
        print(f"{'a gateway webhook, each a paid payment':<44}{statistics.median(rates):>10.0f}{ASKED_FOR:>12}")
        api = (running.cpu_seconds()[0] - before[0]) / (ROUNDS * PAYMENTS) * 1_000
        print(f"{'  CPU of the API for each, milliseconds':<44}{api:>10.1f}", flush=True)
        with _receiver() as port:
            rates = _send_out(port)
        print(f"{'our webhooks to four receivers':<44}{statistics.median(rates):>10.0f}{ASKED_FOR:>12}")
        connections.disconnect()


def _take_in() -> float:
    bodies = _unheard()
    before = Voucher.collection().count_documents({})
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [bodies[number::CLIENTS] for number in range(CLIENTS)]
        answers = Counter(itertools.chain.from_iterable(pool.map(_post_all, shares)))
    seconds = time.perf_counter() - started
    issued = Voucher.collection().count_documents({}) - before
    if answers != {"applied": PAYMENTS} or issued != 2 * PAYMENTS:
        raise SystemExit(f"Not every webhook was applied: {answers}, {issued} vouchers.")
    return PAYMENTS / seconds


def _unheard() -> list[bytes]:
    """The webhooks of payments that were paid and of which we have not heard."""
    users = list(User.find({"username": {"$regex": "^bulk-"}}, limit=CLIENTS))
    exam = VoucherType.find_one({"type_code": "result_check"}).id
    simulated.tell("closed_tab")
    for number in range(PAYMENTS):
        card_payments.open_voucher_payment(user=users[number % CLIENTS], voucher_type_id=exam, quantity=2)
    return [body for body in simulated.announcements() if b'"payment_intent.succeeded"' in body]


def _post_all(bodies: list[bytes]) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    answers = []
    for body in bodies:
        connection.request("POST", "/api/payments/webhook/", body, {
            HEADER: sign(body, simulated.WEBHOOK_SECRET), "Content-Type": "application/json"})
        body = json.load(connection.getresponse())
        answers.append(body.get("code") or body["status"])
    connection.close()
    return answers


def _send_out(port: int) -> list[float]:
    admin = User.find_one({"user_type": 1})
    for number in range(RECEIVERS):
        webhook_endpoints.create(user=admin, url=f"http://127.0.0.1:{port}/{number}", events=["coupon.updated"])
    return [_send_once() for _ in range(ROUNDS)]


def _send_once() -> float:
    for number in range(EVENTS // RECEIVERS):
        events.record("coupon.updated", subject=f"coupon:{number}")
    while dispatch.dispatch_pending(limit=100):
        pass
    started = time.perf_counter()
    sent = webhook_delivery.deliver_due(seconds=60)
    seconds = time.perf_counter() - started
    if WebhookDelivery.collection().count_documents({"status": {"$ne": "succeeded"}}):
        raise SystemExit("Webhooks did not arrive.")
    return sent / seconds


class _receiver:
    """A process that answers every POST with 204; entering gives its port."""

    def __enter__(self) -> int:
        ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_receive, args=(theirs,), daemon=True)
        self._process.start()
        return ours.recv()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _receive(told: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    main()

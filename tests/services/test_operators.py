"""The operator over HTTP against a real server that lies, stalls and breaks off; and the simulated one."""
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from documents import clock
from services.gateways.operators import signatures, simulated
from services.gateways.operators.base import Order, Outcome, State
from services.gateways.operators.http import HttpOperator
from services.gateways.operators.simulated import SimulatedOperator

SECRET = "an-operator-secret-of-some-length"
ORDER = Order(reference="TXN-0123456789-1", phone_number="+919812345678", provider="Airtel", plan="AIR_199_28D",
              amount=19900)


class Server(ThreadingHTTPServer):
    """Answers what `answer` returns: a status and the raw body; keeps what it was asked."""

    daemon_threads = True
    answer: Callable[[], tuple[int, bytes]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, dict, bytes]] = []
        self.stalled = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Nothing: a caller that hung up is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, answer = self.server.answer()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.stalled.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def operator(server) -> Iterator[HttpOperator]:
    operator = HttpOperator(url=f"http://127.0.0.1:{server.server_port}/api/", secret=SECRET, timeout_seconds=0.5)
    yield operator
    operator.close()


def says(server: Server, answer: dict, http_status: int = 200) -> None:
    body = json.dumps({"reference": ORDER.reference, **answer}).encode()
    server.answer = lambda: (http_status, body)


@pytest.mark.parametrize(("said", "heard"), [
    ({"status": "success", "operator_ref": "OP-9"}, Outcome(State.SUCCESS, operator_ref="OP-9")),
    ({"status": "failed", "code": "NO_SUCH_NUMBER"}, Outcome(State.FAILED, code="NO_SUCH_NUMBER")),
    ({"status": "pending"}, Outcome(State.PENDING)),
    ({"status": "success", "operator_ref": ["x"]}, Outcome(State.SUCCESS)),
])
def test_plain_answers_are_believed(server, operator, said, heard):
    says(server, said)
    assert operator.submit(ORDER) == heard
    assert operator.status(ORDER.reference) == heard


@pytest.mark.parametrize(("status", "body"), [
    (200, b"<html>ok</html>"), (200, b""), (200, b"[]"), (200, b"null"), (200, b'{"status": "success"}'),
    (200, b'{"status": "success", "reference": "TXN-another-1"}'),
    (200, b'{"status": "done", "reference": "TXN-0123456789-1"}'),
    (200, b'{"status": ["success"], "reference": "TXN-0123456789-1"}'),
    (302, b'{"status": "success", "reference": "TXN-0123456789-1"}'),
    (400, b'{"status": "failed", "reference": "TXN-0123456789-1"}'),
    (404, b"not found"), (500, b'{"status": "failed", "reference": "TXN-0123456789-1"}'), (503, b""),
])
def test_anything_else_is_unclear_and_never_a_failure(server, operator, status, body):
    server.answer = lambda: (status, body)
    assert operator.submit(ORDER) == Outcome(State.UNCLEAR)
    assert operator.status(ORDER.reference) == Outcome(State.UNCLEAR)
    assert len(server.asked) == 2


def test_only_a_plain_404_means_unknown(server, operator):
    says(server, {"status": "unknown"}, 404)
    assert operator.status(ORDER.reference) == Outcome(State.UNKNOWN)


def test_an_operator_that_stalls_is_unclear(server, operator):
    def stall() -> tuple[int, bytes]:
        server.stalled.wait(5)
        return 200, b"{}"

    server.answer = stall
    assert operator.submit(ORDER) == Outcome(State.UNCLEAR)
    assert len(server.asked) == 1


def test_an_operator_that_is_away_is_unclear(server, operator):
    gone = HttpOperator(url="http://127.0.0.1:1", secret=SECRET, timeout_seconds=0.5)
    assert gone.submit(ORDER) == Outcome(State.UNCLEAR)
    gone.close()


def test_every_call_is_signed_and_carries_its_reference(server, operator):
    says(server, {"status": "success"})
    operator.submit(ORDER)
    operator.status(ORDER.reference)
    (method, path, sent, body), (asked_method, asked_path, asked, _) = server.asked
    assert (method, path, asked_method, asked_path) == (
        "POST", "/api/recharges", "GET", "/api/recharges/TXN-0123456789-1")
    assert json.loads(body) == {"reference": ORDER.reference, "phone_number": ORDER.phone_number, "provider": "Airtel",
                                "plan": "AIR_199_28D", "amount": "199.00"}
    assert sent["Idempotency-Key"] == asked["Idempotency-Key"] == ORDER.reference
    for headers, signed in ((sent, body), (asked, asked_path.encode())):
        timestamp, signature = headers["X-Purser-Timestamp"], headers["X-Purser-Signature"]
        assert signatures.authentic(SECRET, timestamp, signature, signed, clock.now())


def test_signatures_are_refused_when_old_or_of_something_else():
    now = clock.now()
    made = signatures.headers(SECRET, b"body", now)
    timestamp, signature = made["X-Purser-Timestamp"], made["X-Purser-Signature"]
    assert signatures.authentic(SECRET, timestamp, signature, b"body", now)
    for secret, stamp, given, body in (
            (SECRET, timestamp, signature, b"other"), ("other-secret", timestamp, signature, b"body"),
            (SECRET, str(int(timestamp) + 1), signature, b"body"), (SECRET, "", signature, b"body"),
            (SECRET, "soon", signature, b"body"), (SECRET, "9" * 30, signature, b"body"),
            (SECRET, timestamp, "", b"body"), (SECRET, timestamp, "é" * 64, b"body")):
        assert not signatures.authentic(secret, stamp, given, body, now)
    old = signatures.headers(SECRET, b"body", now - timedelta(seconds=301))
    assert not signatures.authentic(SECRET, old["X-Purser-Timestamp"], old["X-Purser-Signature"], b"body", now)
    unset = signatures.headers("", b"body", now)
    assert not signatures.authentic("", unset["X-Purser-Timestamp"], unset["X-Purser-Signature"], b"body", now)


def test_the_simulator_honours_a_reference_once(app):
    operator = SimulatedOperator()
    simulated.tell("fail", times=1)
    assert operator.submit(ORDER).state is State.FAILED
    assert operator.submit(ORDER).state is State.FAILED
    assert operator.status(ORDER.reference).state is State.FAILED


def test_the_simulator_counts_its_orders_down_and_knows_phones(app):
    operator = SimulatedOperator()
    simulated.tell("fail", phone_number="+919800000001")
    simulated.tell("timeout", times=1)
    states = [operator.submit(Order(f"TXN-{n}", phone, "Airtel", "X", 100)).state for n, phone in enumerate(
        ["+919800000002", "+919800000002", "+919800000001"])]
    assert states == [State.UNCLEAR, State.SUCCESS, State.FAILED]
    simulated.forget()
    assert operator.submit(Order("TXN-9", "+919800000001", "Airtel", "X", 100)).state is State.SUCCESS


def test_a_repeat_uses_no_order_up(app):
    operator = SimulatedOperator()
    operator.submit(ORDER)
    simulated.tell("fail", times=1)
    assert operator.submit(ORDER).state is State.SUCCESS
    assert operator.submit(Order("TXN-2", "+919800000002", "Airtel", "X", 100)).state is State.FAILED


def test_the_simulator_announces_once(app):
    simulated.tell("late")
    SimulatedOperator().submit(ORDER)
    assert [(reference, outcome.state) for reference, outcome in simulated.announcements()] == [
        (ORDER.reference, State.SUCCESS)]
    assert list(simulated.announcements()) == []

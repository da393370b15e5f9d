"""A Stripe on this machine: `localstripe` as a process of its own, whose webhooks come to a thread of ours."""
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import httpx

from tests.ports import free_port

SECRET_KEY = "sk_test_12345"
WEBHOOK_SECRET = "whsec_local"
GOOD_CARD, BAD_CARD = "4242424242424242", "4000000000000341"


class LocalStripe:
    """The server, seen from the payer's browser, and the webhooks that it has sent."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.webhooks: Queue[tuple[bytes, dict[str, str]]] = Queue()
        self._client = httpx.Client(base_url=base, auth=(SECRET_KEY, ""), timeout=10)

    def close(self) -> None:
        self._client.close()

    def tell_webhooks_to(self, url: str) -> None:
        self._client.post("/_config/webhooks/suite", json={"url": url, "secret": WEBHOOK_SECRET}).raise_for_status()

    def pay(self, intent_id: str, card: str = GOOD_CARD) -> int:
        """What Stripe.js does in the payer's browser; the HTTP status of it."""
        method = self._client.post("/v1/payment_methods", data={
            "type": "card", "card[number]": card, "card[exp_month]": "12", "card[exp_year]": "2040", "card[cvc]": "123",
        }).raise_for_status().json()
        self._client.post(f"/v1/payment_intents/{intent_id}", data={"payment_method": method["id"]}).raise_for_status()
        return self._client.post(f"/v1/payment_intents/{intent_id}/confirm").status_code

    def refunded(self, intent_id: str) -> int:
        """What it has paid back of an intent, in minor units."""
        found = self._client.get("/v1/refunds", params={"payment_intent": intent_id}).raise_for_status().json()
        return sum(refund["amount"] for refund in found["data"])


@contextmanager
def running(folder: Path) -> Iterator[LocalStripe]:
    """Start it on a free port, with `folder` for what it stores."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = LocalStripe(f"http://127.0.0.1:{port}")
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _listener(server.webhooks))
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        _wait_for(port, process)
        server.tell_webhooks_to(f"http://127.0.0.1:{listener.server_port}/")
        yield server
    finally:
        server.close()
        listener.shutdown()
        listener.server_close()
        process.terminate()
        process.wait()


def _listener(webhooks: Queue) -> type[BaseHTTPRequestHandler]:
    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            webhooks.put((body, dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    return Listener


def _wait_for(port: int, process: subprocess.Popen) -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("localstripe ended before it began")

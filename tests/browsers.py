"""Browsers that can be pushed to: their keys, and a push service that hands them what arrives, decrypted."""
import json
import os
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """One subscription as a browser keeps it; `got` holds what was pushed to it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.got: list[dict] = []

    def to_json(self) -> dict:
        """`PushSubscription.toJSON()`."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "expirationTime": None,
                "keys": {"p256dh": b64(point), "auth": b64(self.secret)}}

    def take(self, body: bytes) -> None:
        text = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        self.got.append(json.loads(text))


class PushService:
    """Accepts what is signed with the key `public`, as a vendor does; `answers` are given before it begins to."""

    def __init__(self, port: int, public: str) -> None:
        self.port, self.public = port, public
        self.browsers: dict[str, Browser] = {}
        self.answers: list[int] = []
        self.asked = 0

    def browser(self) -> Browser:
        path = f"/push/{len(self.browsers)}"
        self.browsers[path] = Browser(f"http://127.0.0.1:{self.port}{path}")
        return self.browsers[path]

    def take(self, path: str, headers: dict, body: bytes) -> int:
        """The status of the answer."""
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        scheme, _, rest = headers["Authorization"].partition(" ")
        given = dict(part.strip().split("=", 1) for part in rest.split(","))
        point = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), urlsafe_b64decode(self.public + "=" * (-len(self.public) % 4)))
        claims = jwt.decode(given["t"], point, algorithms=["ES256"], audience=f"http://127.0.0.1:{self.port}")
        if (scheme.lower(), given["k"]) != ("vapid", self.public) or not claims["sub"].startswith("mailto:"):
            return 403
        self.browsers[path].take(body)
        return 201


@contextmanager
def push_service(public: str) -> Iterator[PushService]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = service.take(self.path, self.headers, body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{service.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = PushService(server.server_address[1], public)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

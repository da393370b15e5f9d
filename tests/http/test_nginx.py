"""env/nginx.conf in a real nginx, before a server that says what reached it."""
import getpass
import json
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config.supervisor import ROOT
from tests.installations import eventually
from tests.ports import free_port
from tests.programs import installed


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = json.dumps({"at": self.server.server_port, "path": self.path, **dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_args: object) -> None: ...


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, int]]:
    """The API and the sockets process."""
    servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), Echo) for name in ("api", "sockets")}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {name: server.server_port for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory, upstreams: dict[str, int]) -> Iterator[dict[str, int]]:
    """nginx on ports of its own: `http` and `https`."""
    program = installed("nginx", package="nginx-light", why="the tests of env/nginx.conf")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    certify(folder)
    (folder / "nginx.conf").write_text(
        f"user {getpass.getuser()}; pid {folder}/pid; daemon off;\n" + here(folder, port, upstreams))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "-e", "stderr", "-c", folder / "nginx.conf"], stderr=log)
    started = eventually(lambda: process.poll() is not None or (folder / "pid").exists(), seconds=10)
    if not started or process.poll() is not None:
        process.kill()
        pytest.fail((folder / "log").read_text())
    yield {"http": port, "https": port + 1}
    process.terminate()
    process.wait()


def here(folder: Path, port: int, upstreams: dict[str, int]) -> str:
    """The configuration with only its addresses and folders changed, and the older spelling of HTTP/2 (before 1.25)."""
    text = (ROOT / "env" / "nginx.conf").read_text()
    for written, wanted in [
            ("listen 80;", f"listen 127.0.0.1:{port};"), ("listen 443 ssl;", f"listen 127.0.0.1:{port + 1} ssl http2;"),
            ("    http2 on;\n", ""), ("server api:8000;", f"server 127.0.0.1:{upstreams['api']};"),
            ("server sockets:8001;", f"server 127.0.0.1:{upstreams['sockets']};"),
            ("http {\n", "http {\n  access_log off;\n" + "".join(
                f"  {name}_temp_path {folder};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")))]:
        assert text.count(written) == 1, written
        text = text.replace(written, wanted)
    return text.replace("/etc/nginx/tls", str(folder))


def certify(folder: Path) -> None:
    """A key and a certificate for `localhost`."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
                   .sign(key, hashes.SHA256()))
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def ask(ports: dict[str, int], path: str, method: str = "GET", body: bytes | None = None,
        **headers: str) -> tuple[int, dict]:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", ports["https"], context=trusting, timeout=10)
    connection.request(method, path, body, {"Host": "shop.example", **headers})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, json.loads(said) if answer.status == 200 else {}


def test_the_api_hears_who_really_asks_and_how(ports, upstreams):
    _status, told = ask(ports, "/api/plans/?page=2", **{
        "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "evil.example"})
    assert (told["at"], told["path"]) == (upstreams["api"], "/api/plans/?page=2")
    assert {name: value for name, value in told.items() if re.match("X-Forwarded|Host", name)} == {
        "Host": "shop.example", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "shop.example"}
    assert "Upgrade" not in told


def test_sockets_are_upgraded_at_their_own_process(ports, upstreams):
    _status, told = ask(ports, "/ws/realtime/?token=t", Connection="Upgrade", Upgrade="websocket")
    assert (told["at"], told["Connection"], told["Upgrade"]) == (upstreams["sockets"], "upgrade", "websocket")


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz"])
def test_what_is_for_the_inside_stays_there(ports, path):
    assert ask(ports, path)[0] == 404


def test_a_body_above_a_mebibyte_is_not_passed_on(ports):
    assert ask(ports, "/api/auth/login/", "POST", b"x" * 1024 * 1024)[0] == 200
    assert ask(ports, "/api/auth/login/", "POST", b"x" * (1024 * 1024 + 1))[0] == 413


def test_plain_http_is_sent_to_https_with_its_method(ports):
    connection = HTTPConnection("127.0.0.1", ports["http"], timeout=10)
    connection.request("POST", "/api/auth/login/?a=b", b"", {"Host": "shop.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, "https://shop.example/api/auth/login/?a=b")
    connection.close()

"""Posting to addresses that strangers chose: resolved once, checked, and connected to as checked."""
import contextlib
import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import certifi
import httpcore

TIMEOUT_SECONDS = 10.0
"""For all of it: a receiver that drips its answer byte by byte gets no longer."""
READ_BYTES = 1_000

NAT64 = ipaddress.ip_network("64:ff9b::/96")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    status: int | None
    """None when there was no answer; then `error` says why."""
    error: str | None = None
    body: str = ""


class Forbidden(httpcore.ConnectError):
    """The name leads to an address that outsiders have no business with."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, allowed: Iterable[str] = ()) -> Answer:
    """POST `body`, following no redirect, and return what was answered or what went wrong.

    Private, local and reserved addresses are refused at the moment of connecting, unless they are in one of the
    `allowed` networks.
    """
    networks = [ipaddress.ip_network(network) for network in allowed]
    backend = CheckedBackend(networks, deadline=time.monotonic() + TIMEOUT_SECONDS)
    pool = httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend, max_connections=1)
    limits = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_SECONDS)
    try:
        with pool, pool.stream("POST", url, headers=list(headers.items()), content=body,
                               extensions={"timeout": limits}) as response:
            return Answer(response.status, body=_beginning(response))
    except httpcore.TimeoutException:
        return Answer(None, "timed out")
    except Forbidden:
        return Answer(None, "the address is not public")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ssl.SSLError, OSError,
            UnicodeError, ValueError) as error:
        return Answer(None, (str(error) or type(error).__name__)[:200])


def is_allowed(address: Address, networks: Iterable[Network] = ()) -> bool:
    """Whether a webhook may go to this address."""
    if any(address in network for network in networks):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_allowed(address.ipv4_mapped, networks)
        if address.sixtofour or address.teredo or address in NAT64:
            return False    # a tunnel to whatever IPv4 address it carries
    return address.is_global and not address.is_multicast


class CheckedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that it has looked at itself, and ends everything at one deadline."""

    def __init__(self, networks: list[Network], *, deadline: float) -> None:
        self._networks, self._deadline = networks, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
                    socket_options: Any = None) -> httpcore.NetworkStream:
        addresses = [ipaddress.ip_address(found[4][0]) for found in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM)]
        # All of them: a name with one private address among public ones is somebody trying.
        if not addresses or not all(is_allowed(address, self._networks) for address in addresses):
            raise Forbidden
        for address in addresses[:-1]:
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connect(address, port, socket_options)
        return self._connect(addresses[-1], port, socket_options)

    def _connect(self, address: Address, port: int, socket_options: Any) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(str(address), port, timeout=_left(self._deadline),
                                           socket_options=socket_options)
        return _Deadline(stream, self._deadline)


class _Deadline(httpcore.NetworkStream):
    """A stream of which no single read may take longer than all of them together."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
                  timeout: float | None = None) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname=server_hostname, timeout=_left(self._deadline))
        return _Deadline(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


def _beginning(response: httpcore.Response) -> str:
    """The first bytes of an answer; the rest is not waited for."""
    seen = b""
    for part in response.iter_stream():
        seen += part
        if len(seen) >= READ_BYTES:
            break
    return seen[:READ_BYTES].decode(errors="replace").replace("\x00", "")


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())

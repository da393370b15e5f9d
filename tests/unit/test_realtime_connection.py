"""One WebSocket on a pair of sockets: deadlines, limits, and the words of the protocol."""
import socket
import threading

import pytest
from wsproto.connection import Connection as Wire
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, Ping, Pong, TextMessage

from blueprints.realtime import callers, connection
from blueprints.realtime.callers import Greeting
from blueprints.realtime.connection import BadHandshake, Connection, Gone, TooBig
from services.realtime_hub import Code

HANDSHAKE = [(b"host", b"shop.example"), (b"upgrade", b"websocket"), (b"connection", b"Upgrade"),
             (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="), (b"sec-websocket-version", b"13")]


class Client:
    """The other end."""

    def __init__(self) -> None:
        self.socket, self.server_socket = socket.socketpair()
        self.protocol = Wire(ConnectionType.CLIENT)     # from behind the handshake on
        self.socket.settimeout(5)

    def say(self, *events) -> None:
        for event in events:
            self.socket.sendall(self.protocol.send(event))

    def hear(self) -> list:
        self.protocol.receive_data(self.socket.recv(65_536))
        return list(self.protocol.events())


@pytest.fixture
def pair():
    client = Client()
    server = Connection(client.server_socket, HANDSHAKE, "/ws/realtime")
    server.accept(None)
    client.socket.recv(65_536)
    yield server, client
    client.socket.close()
    client.server_socket.close()


@pytest.mark.parametrize("missing", range(1, 5))
def test_what_is_no_handshake_is_refused(missing):
    client = Client()
    with client.socket, client.server_socket, pytest.raises(BadHandshake):
        Connection(client.server_socket, HANDSHAKE[:missing] + HANDSHAKE[missing + 1:], "/")


def test_a_message_in_pieces_is_one(pair):
    server, client = pair
    client.say(TextMessage(data="to", message_finished=False), Ping(payload=b"?"), TextMessage(data="ken"))
    assert next(server.messages(within=5)) == "token"
    assert any(isinstance(event, Pong) and event.payload == b"?" for event in client.hear())


def test_an_endless_message_is_cut(pair):
    server, client = pair
    client.say(*(TextMessage(data="x" * 1_000, message_finished=False) for _ in range(9)))
    with pytest.raises(TooBig):
        next(server.messages(within=5))


def test_nothing_within_the_time_is_nothing(pair):
    server, _ = pair
    assert list(server.messages(within=0.01)) == []


@pytest.mark.parametrize("last_words", [b"", b"\xff\xff\xff\xff", "close"])
def test_the_end_is_noticed(pair, last_words):
    server, client = pair
    if last_words == "close":
        client.say(CloseConnection(code=1000))
    else:
        client.socket.sendall(last_words)
        client.socket.shutdown(socket.SHUT_WR)
    with pytest.raises(Gone):
        list(server.messages(within=5))


def test_silence_is_death(pair, monkeypatch):
    server, _ = pair
    monkeypatch.setattr(connection, "IO_SECONDS", 0.01)
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.02)
    with pytest.raises(Gone):
        list(server.messages())


def test_who_does_not_read_is_given_up(monkeypatch):
    monkeypatch.setattr(connection, "IO_SECONDS", 0.05)
    client = Client()
    with client.socket, client.server_socket:
        server = Connection(client.server_socket, HANDSHAKE, "/")
        server.accept(None)
        with pytest.raises(Gone):
            server.send("x" * 50_000_000)       # more than any kernel keeps for a reader


def test_frames_of_two_threads_do_not_mix(pair):
    server, client = pair
    texts = [f"{number}" * 300_000 for number in range(4)]
    threads = [threading.Thread(target=lambda text=text: [server.send(text) for _ in range(3)]) for text in texts]
    for thread in threads:
        thread.start()
    heard, parts = [], ""
    while len(heard) < len(texts) * 3:
        for event in client.hear():
            parts += event.data
            if event.message_finished:
                heard.append(parts)
                parts = ""
    for thread in threads:
        thread.join()
    assert sorted(heard) == sorted(texts * 3)


def test_a_close_says_why(pair):
    server, client = pair
    server.close(Code.TOO_SLOW, "Too slow")
    event, = client.hear()
    assert (event.code, event.reason) == (4409, "Too slow")


@pytest.mark.parametrize(("text", "greeting"), [
    ('{"token": "a.b.c", "last_event_id": "1"}', Greeting(token="a.b.c", last_event_id="1")),
    ('{"token": {"$ne": ""}, "last_event_id": []}', Greeting(token="")),
    ("[1]", Greeting(token="")), ("a.b.c\n", Greeting(token="a.b.c")), ("", Greeting(token=""))])
def test_first_messages(text, greeting):
    assert callers.from_message(text) == greeting

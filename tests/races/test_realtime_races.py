"""A login that ends while its socket opens."""
import socket
import threading

from wsproto.connection import Connection as Wire
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection, TextMessage

from blueprints.realtime.connection import Connection
from blueprints.realtime.conversation import Conversation
from services import events, realtime, sessions
from services.realtime_feed import Feed
from services.realtime_frames import user_channel
from services.realtime_hub import Hub, Subscriber
from services.realtime_staff import StaffFeed
from tests.sockets import login
from tests.unit.test_realtime_connection import HANDSHAKE


def passed_by(hub, user):
    """See the stream reach this moment."""
    witness = Subscriber(user=user.id, sid="witness", channels=[user_channel(user.id)])
    hub.join(witness)
    hub.listen(witness)
    wanted = str(events.record("notification.created", subject="notification:1", user=user.id, title="now"))
    while getattr(witness.next(20), "id", None) != wanted:
        continue
    hub.leave(witness)


def heard(client):
    """Everything up to the close code."""
    wire, told = Wire(ConnectionType.CLIENT), []
    while not told or not isinstance(told[-1], CloseConnection):
        wire.receive_data(client.recv(65_536))
        told += list(wire.events())
    return told


def test_a_login_that_ends_just_after_it_was_looked_up_closes_the_socket(app, people, monkeypatch):
    user, witness = people.client(), people.client()
    token, sid = login(app, user)
    hub = Hub()
    feed = Feed(hub)
    feed.start()
    real = realtime.channels_for

    def end_after_the_look(**asked):
        channels = real(**asked)
        monkeypatch.setattr(realtime, "channels_for", real)
        sessions.end(sid=sid, user_id=user.id)
        passed_by(hub, witness)     # the end has gone by before the socket goes on
        return channels

    monkeypatch.setattr(realtime, "channels_for", end_after_the_look)
    client, server = socket.socketpair()
    client.settimeout(20)
    talk = Conversation(hub, Connection(server, HANDSHAKE, "/ws/realtime"), f"token={token}", StaffFeed())
    thread = threading.Thread(target=talk.hold)
    thread.start()
    assert client.recv(65_536).startswith(b"HTTP/1.1 101")
    *frames, close = heard(client)
    client.close()
    thread.join()
    server.close()
    feed.stop()
    assert (close.code, close.reason) == (4401, "Session ended")
    assert all(isinstance(frame, TextMessage) for frame in frames)
    assert len(hub) == 0

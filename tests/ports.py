"""Ports for the servers of tests."""
import random
import socket

RANGE = range(10_000, 32_000, 2)
"""Below what Linux gives to clients: a connection of another test never sits on a port that was just found free."""


def free_port() -> int:
    """A loopback port that is free together with the next one, where a sockets process may go."""
    while True:
        port = random.choice(RANGE)
        with socket.socket() as probe, socket.socket() as neighbour:
            try:
                probe.bind(("127.0.0.1", port))
                neighbour.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port

"""A worker of the API that has its hands full leaves new connections to its fellows for a moment."""
import socket
from types import SimpleNamespace

import pytest

from config import web_worker
from config.web_worker import PAUSE_SECONDS, Worker

THREADS = 4


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[float | str]:
    """Pauses and attempts to accept, in order."""
    happened: list[float | str] = []
    monkeypatch.setattr(web_worker.time, "sleep", happened.append)
    return happened


def worker(connections: int) -> Worker:
    made = object.__new__(Worker)
    made.cfg, made.nr_conns = SimpleNamespace(threads=THREADS), connections
    return made


@pytest.mark.parametrize(("connections", "expected"), [
    (0, ["accept"]), (THREADS - 1, ["accept"]), (THREADS, [PAUSE_SECONDS, "accept"]),
    (10 * THREADS, [PAUSE_SECONDS, "accept"])])
def test_it_pauses_before_it_takes_more_connections_than_it_has_threads(happened, connections, expected):
    def taken_by_a_fellow() -> None:
        happened.append("accept")
        raise BlockingIOError(11, "nobody waits any more")

    full = worker(connections)
    full.accept(SimpleNamespace(accept=taken_by_a_fellow))
    assert (happened, full.nr_conns) == (expected, connections)


def test_nobody_is_turned_away_when_all_are_busy(happened):
    busy, taken = worker(THREADS), []
    busy.enqueue_req = taken.append
    busy.cfg.is_ssl = False
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        busy.accept(listener)
    assert (len(taken), busy.nr_conns) == (1, THREADS + 1)
    taken[0].close()

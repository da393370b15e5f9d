"""A socket that is killed again and again, under load, misses nothing and repeats nothing."""
import random
import threading
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from documents.transactions import atomic
from services import events
from tests.shops import shop
from tests.sockets import Realtime, token_of

KILLS = 200
WRITERS = 4


@pytest.fixture(scope="module")
def processes(app, settings):
    """Two of them, as behind a proxy: a client comes back to either."""
    running = [Realtime(settings), Realtime(settings)]
    yield running
    for process in running:
        process.stop()


class Load:
    """Threads that record events, each inside a transaction that stays open for a random while: many commit after
    events with a larger id."""

    def __init__(self, merchant: int) -> None:
        self.merchant = merchant
        self.stopped = threading.Event()
        self.recorded: list[str] = []
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def finish(self) -> list[str]:
        """Every id that was committed, the last commit being the last one."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return [*self.recorded, self._record(0)]

    def _run(self, number: int) -> None:
        rng = random.Random(number)
        while not self.stopped.is_set():
            self.recorded.append(self._record(rng.choice([0, 0, 0.005, 0.03])))

    @atomic
    def _record(self, seconds: float) -> str:
        event = events.record("payment.succeeded", subject="payment:1", merchant=self.merchant, amount=100,
                              final_amount=100, status="SUCCESS")
        time.sleep(seconds)     # not waiting for anything: the transaction is to last
        return str(event)


def listen_for_a_while(process, token, last, rng):
    """The event ids heard on one connection that is killed at a moment of chance, and the id to come back with."""
    heard = []
    listener = process.connect(token, last=last, max_queue=None)
    moment = time.monotonic() + rng.uniform(0, 0.06)
    with suppress(TimeoutError, ConnectionClosed):
        while (left := moment - time.monotonic()) > 0 or last is None:
            frame = listener.frame(timeout=max(left, 0.001) if last else 10)
            last = frame["event_id"]
            if frame["type"] != "CONNECTED":
                heard.append(frame)
    listener.kill()
    return heard, last


def test_killed_and_resumed_200_times_it_misses_and_repeats_nothing(app, people, processes):
    owner = people.client()
    merchant, token = shop(owner), token_of(app, owner)
    rng = random.Random(5)
    frames, last = listen_for_a_while(processes[0], token, None, rng)
    load = Load(merchant.id)
    for _ in range(KILLS):
        heard, last = listen_for_a_while(rng.choice(processes), token, last, rng)
        frames += heard
    recorded = load.finish()
    with processes[0].connect(token, last=last, max_queue=None) as listener:
        frames += [frame for frame in listener.until(f"{recorded[-1]}.1") if frame["type"] != "CONNECTED"]
    ids = [frame["event_id"] for frame in frames]
    assert {frame["type"] for frame in frames} == {"PAYMENT_UPDATE", "KPI_UPDATE"}
    assert len(ids) == len(set(ids))
    assert set(ids) == {each for event in recorded for each in (event, f"{event}.1")}
    payments = [each for each in ids if "." not in each]
    assert payments != sorted(payments), "no transaction committed after a younger one: the load proves nothing"


def test_an_event_that_commits_after_a_younger_one_is_not_skipped(app, people, processes):
    owner = people.client()
    token = token_of(app, owner)
    begun, go_on = threading.Event(), threading.Event()

    @atomic
    def slow():
        events.record("notification.created", subject="notification:1", user=owner.id, title="older")
        begun.set()
        assert go_on.wait(10)

    with processes[0].connect(token) as listener:
        listener.frame()
        thread = threading.Thread(target=slow)
        thread.start()
        assert begun.wait(10)
        younger = events.record("notification.created", subject="notification:2", user=owner.id, title="younger")
        last = listener.until(str(younger))[-1]["event_id"]
    go_on.set()
    thread.join()
    for process in processes:
        with process.connect(token, last=last) as listener:
            assert [listener.frame().get("message") for _ in range(2)] == [None, "older"]

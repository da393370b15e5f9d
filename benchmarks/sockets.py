"""A thousand sockets that wait, fifty events a second: how late they hear of them, and what their process costs.

`python -m benchmarks.sockets [sockets] [events a second] [seconds]`. An event is a payment: one frame for its payer,
two for its merchant, each on a socket chosen by chance. Clients and events come from this process.
"""
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bson import ObjectId
from flask import Flask
from websockets.asyncio.client import connect

from benchmarks.in_process import installation
from blueprints import tokens
from config import settings
from documents import clock
from documents.events import Event
from documents.ids import next_id
from documents.users import User
from services import merchants, sessions
from services.sessions import Device

ROOT = Path(__file__).resolve().parent.parent
SHOPS = 100
OPENED_AT_ONCE = 50
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """Seconds from before an event's transaction to its frame at the client, and when each event was recorded."""

    sent: dict[str, float] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    ready: int = 0


def main(sockets: int = 1_000, rate: int = 50, seconds: int = 30) -> None:
    """Print one line of figures."""
    with installation() as app:
        people = [_token(app) for _ in range(sockets)]
        shops = [merchants.create(owner=User.get(user), business_name="Shop").id for user, _ in people[:SHOPS]]
        process, pid = _serve()
        try:
            empty = _megabytes(pid)
            measured, cpu = asyncio.run(_measure(people, shops, rate, seconds, pid))
            full = _megabytes(pid)
        finally:
            process.terminate()
            process.wait()
    late = sorted(measured.late)
    figures = {"sockets": sockets, "events": len(measured.sent), "frames": len(late),
               "p50 ms": statistics.median(late) * 1e3, "p99 ms": late[int(len(late) * 0.99)] * 1e3,
               "max ms": late[-1] * 1e3, "MB empty": empty, "MB full": full, "CPU %": 100 * cpu / seconds}
    print("".join(f"{name:>10}" for name in figures))
    print("".join(f"{figure:>10.0f}" for figure in figures.values()))


async def _measure(people: list, shops: list[int], rate: int, seconds: int, pid: int) -> tuple[Measured, float]:
    measured = Measured()
    gate = asyncio.Semaphore(OPENED_AT_ONCE)
    listeners = [asyncio.create_task(_listen(token, gate, measured)) for _, token in people]
    while measured.ready < len(people):
        await asyncio.sleep(0.1)
    before = _cpu(pid)
    load = threading.Thread(target=_load, args=([user for user, _ in people], shops, rate, seconds, measured))
    load.start()
    await asyncio.to_thread(load.join)
    await asyncio.sleep(2)      # what is still under way
    cpu = _cpu(pid) - before
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    return measured, cpu


async def _listen(token: str, gate: asyncio.Semaphore, measured: Measured) -> None:
    url = f"ws://127.0.0.1:{settings.current().realtime_port}/ws/realtime/?token={token}"
    async with gate:
        socket = connect(url, compression=None, open_timeout=60)
        connection = await socket.__aenter__()
        await connection.recv()
        measured.ready += 1
    try:
        async for text in connection:
            event_id = json.loads(text)["event_id"].partition(".")[0]
            measured.late.append(time.perf_counter() - measured.sent[event_id])
    finally:
        await socket.__aexit__(None, None, None)


def _load(users: list[int], shops: list[int], rate: int, seconds: int, measured: Measured) -> None:
    begin = time.perf_counter()
    for number in range(rate * seconds):
        time.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        event = Event(
            type="payment.succeeded", subject=f"payment:{number}", user=random.choice(users),
            merchant=random.choice(shops), data={"amount": 100, "final_amount": 100, "status": "SUCCESS"},
            created_at=clock.now(), id=ObjectId())
        measured.sent[str(event.id)] = time.perf_counter()
        event.create()


def _token(app: Flask) -> tuple[int, str]:
    """A new person's id and access token."""
    user = User(id=next_id("users"), is_verified=True, date_joined=clock.now()).create()
    signed_in = sessions.open_session(user=user, device=Device())
    with app.app_context():
        return user.id, tokens.session_reply(signed_in)["access"]


def _serve() -> tuple[subprocess.Popen, int]:
    """The sockets process as in production, once it answers, and its worker's pid."""
    given = settings.current()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn_sockets.py", "app:create_sockets_app()"],
        cwd=ROOT, stderr=subprocess.DEVNULL, env=os.environ | {
            "APP_ENV": "test", "SECRET_KEY": given.secret_key, "DATA_DIR": str(given.data_dir),
            "MONGO_URI": given.mongo_uri, "REDIS_URL": given.redis_url, "SOCKETS_PORT": str(given.realtime_port)})
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{given.realtime_port}/livez", timeout=5):
                break
        except (URLError, OSError):
            if process.poll() is not None:
                sys.exit(f"The sockets process ended with code {process.returncode}.")
            time.sleep(0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return process, int(children[0])


def _megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def _cpu(pid: int) -> float:
    """Seconds that the process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

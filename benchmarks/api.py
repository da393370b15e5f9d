"""The API against itself and against raw pymongo, in one run: `python -m benchmarks.api`."""
import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks import installation, yardstick
from benchmarks.installation import Installation
from services.demo.people import PASSWORD

PORT = int(os.environ.get("BENCH_PORT", "8790"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
CONNECTIONS = yardstick.PROCESSES * yardstick.THREADS
SCRIPT = Path(__file__).with_name("load.lua")


class Route(NamedTuple):
    name: str
    path: str
    who: str = "retailers"
    method: str = "GET"
    body: str | None = None


ROUTES = [
    Route("trivial (/livez)", "/livez"),
    Route("authenticated read (verify-session)", "/api/auth/verify-session/", method="POST"),
    Route("plan list, 20 rows", "/api/plans/?page_size=20"),
    Route("wallet list, 20 rows", "/api/wallet/wallets/?page=1&page_size=20", who="admin"),
    Route("login", "/api/auth/login/", method="POST", body="email=anna%40purser.example&password=" + PASSWORD),
]
PURCHASE = "purchase"
RAW = "the same writes, raw pymongo"


def main() -> None:
    """Measure every route `ROUNDS` times in turn and print the medians and the ratios that are asked for."""
    if shutil.which("wrk") is None:
        raise SystemExit("The benchmark drives the API with wrk: sudo apt-get install -y wrk")
    with installation.running(PORT) as running:
        purchase = Route(PURCHASE, "/api/purchases/purchase/", method="POST",
                         body=f"plan_id={running.plan}&phone_number=%d")
        figures: dict[str, list[dict]] = {}
        for _ in range(ROUNDS):
            for route in [*ROUTES, purchase]:
                figures.setdefault(route.name, []).append(_wrk(running, route))
            figures.setdefault(RAW, []).append(yardstick.measure(running.settings.mongo_uri, SECONDS))
        memory = running.worker_megabytes()
    _print({name: _median(runs) for name, runs in figures.items()}, memory)


def _wrk(running: Installation, route: Route) -> dict:
    environ = os.environ | {"TOKENS": str(running.people[route.who]), "METHOD": route.method}
    if route.body is not None:
        environ["BODY"] = route.body
    before = running.cpu_seconds()
    done = subprocess.run(
        ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(SCRIPT), running.url + route.path],
        env=environ, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    requests = max(1.0, figures["rate"] * SECONDS)
    spent = [(now - then) / requests * 1000 for then, now in zip(before, running.cpu_seconds(), strict=True)]
    return figures | {"api": spent[0], "mongod": spent[1]}


COLUMNS = ("rate", "p50", "p99", "api", "mongod")
"""Requests a second, milliseconds, and CPU milliseconds a request in the API workers and in mongod."""


def _median(runs: list[dict]) -> dict:
    return {key: statistics.median(run[key] for run in runs) for key in COLUMNS} | {
        "errors": sum(run["errors"] for run in runs)}


def _print(figures: dict[str, dict], memory: float) -> None:
    print(f"{'':<38} {'per second':>10} {'p50 ms':>8} {'p99 ms':>8} {'API cpu':>8} {'mongod':>8} {'errors':>7}")
    for name, row in figures.items():
        print(f"{name:<38} {row['rate']:>10.0f} {row['p50']:>8.1f} {row['p99']:>8.1f} {row['api']:>8.2f} "
              f"{row['mongod']:>8.2f} {row['errors']:>7.0f}")
    rate = {name: row["rate"] for name, row in figures.items()}
    trivial, read, plans, wallets, _login = (rate[route.name] for route in ROUTES)
    print()
    for what, got, wanted in [
            ("authenticated read / trivial", read / trivial, 0.25),
            ("plan list / trivial", plans / trivial, 1400 / 6700),
            ("wallet list / trivial", wallets / trivial, 1400 / 6700),
            ("purchase / raw pymongo", rate[PURCHASE] / rate[RAW], 0.5)]:
        print(f"{what:<38} {got:>10.2f}   asked for: {wanted:.2f}")
    print(f"{'API worker, MB':<38} {memory:>10.0f}   asked for: below 120")


if __name__ == "__main__":
    main()

"""A throw-away installation for measuring: its own servers, people with money and tokens, gunicorn as in production."""
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app import create_app
from blueprints import tokens
from config import connections, embedded
from config.settings import Settings
from documents.plans import Plan
from documents.users import User
from services import catalogue, demo, ledger, recharges, schema, sessions, wallets
from services.demo import bulk
from services.ledger import CASH, Leg, wallet_account
from services.sessions import Device

RETAILERS = 400
PLANS = 20
"""Beside those of the demo, so that a page of 20 is full and another follows."""
FUNDS_OF_EACH = 100_000_000
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Installation:
    """Where it answers, who may ask, and how a stored recharge looks."""

    url: str
    folder: Path
    settings: Settings
    plan: int
    api: subprocess.Popen
    mongod: subprocess.Popen

    @property
    def people(self) -> dict[str, Path]:
        """Files with one access token a line."""
        return {"retailers": self.folder / "retailers.txt", "admin": self.folder / "admin.txt"}

    def worker_megabytes(self) -> float:
        """Resident memory of the largest API worker."""
        return max(_resident(pid) for pid in self._workers())

    def cpu_seconds(self) -> tuple[float, float]:
        """What the API workers and mongod have computed so far: other programs on the machine do not count."""
        return sum(map(_cpu, self._workers())), _cpu(self.mongod.pid)

    def _workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.api.pid}/task/{self.api.pid}/children").read_text().split()]


@contextmanager
def running(port: int) -> Iterator[Installation]:
    """An installation with 400 funded retailers and two gunicorn workers, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="purser-bench-") as name:
        folder = Path(name)
        settings = Settings.load({"DATA_DIR": name, "RATELIMIT_ENABLED": "no", "DEMO": "yes"})
        servers = embedded.start(settings, log=lambda _line: None)
        api = None
        try:
            settings = embedded.attach(settings)
            plan = _load(folder, settings)
            api = _serve(folder, settings, port)
            yield Installation(f"http://127.0.0.1:{port}", folder, settings, plan, api,
                               servers.processes["mongod"])
        finally:
            if api is not None:
                api.terminate()
                api.wait()
            servers.stop()


def _load(folder: Path, settings: Settings) -> int:
    app = create_app(settings)
    schema.sync()
    known = demo.load()
    bulk.load(RETAILERS * bulk.ENTRIES_EACH, known["north"], lambda _done, _total: None)
    retailers = list(User.find({"username": {"$regex": "^bulk-"}}))
    _fund(retailers)
    with app.app_context():
        for name, users in {"retailers": retailers, "admin": [known["admin"]]}.items():
            (folder / f"{name}.txt").write_text("\n".join(map(_token, users)))
    plan = _stock()
    # One purchase of the very kind that is measured, for the yardstick to copy.
    recharges.purchase(user=retailers[0], plan_id=plan, phone_number="+919812345678", payment_method="online")
    connections.disconnect()
    return plan


def _stock() -> int:
    """Fill the catalogue; returns the plan that is bought."""
    sold = Plan.find_one({"identifier": "BSNL_97_18D"})
    for number in range(PLANS):
        catalogue.create_plan(provider_id=sold.provider.id, title=f"BSNL {number}", identifier=f"BSNL_{number}",
                              description="Unlimited calls, 1.5GB daily data for 28 days",
                              amount=20_000 + 100 * number, validity=28)
    return sold.id


def _fund(retailers: list[User]) -> None:
    for user in retailers:
        account = wallet_account(wallets.wallet_of(user.id).id)
        ledger.post(kind="wallet.funded", reference=f"bench:{user.id}",
                    legs=[Leg(CASH, -FUNDS_OF_EACH), Leg(account, FUNDS_OF_EACH)])


def _token(user: User) -> str:
    return tokens.session_reply(sessions.open_session(user=user, device=Device()))["access"]


def _serve(folder: Path, settings: Settings, port: int) -> subprocess.Popen:
    environ = os.environ | {
        "PORT": str(port), "DATA_DIR": str(folder), "MONGO_URI": settings.mongo_uri, "REDIS_URL": settings.redis_url,
        "RATELIMIT_ENABLED": "no", "WEB_CONCURRENCY": "2"}
    log = (folder / "api.log").open("w")
    api = subprocess.Popen([sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "app:create_app()"],
                           cwd=ROOT, env=environ, stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1)
            return api
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The API did not start; its log: {(folder / 'api.log').read_text()[-2000:]}")


def _cpu(pid: int) -> float:
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


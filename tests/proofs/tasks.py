"""What the processes that get killed were doing: each is one request to the API, or one job of a worker."""
from typing import Any

from app import create_app
from config.settings import Settings
from documents import clock
from services import (
    card_janitor,
    card_refunds,
    commissions,
    coupon_batches,
    recharge_janitor,
    simulated_cards,
    simulated_operator,
)


def request(settings: dict[str, str], *, url: str, token: str, body: dict, key: str) -> None:
    """One POST to a freshly started API."""
    client = create_app(Settings.load(settings)).test_client()
    client.post(url, json=body, headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key})


def work(settings: dict[str, str], *, job: str, seconds_later: int = 0) -> None:
    """One job of a freshly started worker, on a clock that is `seconds_later`."""
    create_app(Settings.load(settings))
    clock.shift(clock.timedelta(seconds=seconds_later))
    _JOBS[job]()


_JOBS: dict[str, Any] = {
    "ask_gateways": card_janitor.follow_up_due,
    "pay_back": card_refunds.follow_up_due,
    "hear_cards": simulated_cards.hear,
    "follow_up": recharge_janitor.follow_up_due,
    "hear": simulated_operator.hear,
    "fold": commissions.fold_all,
    "batches": coupon_batches.make_due,
}

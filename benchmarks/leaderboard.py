"""How long the boards take over a million rewards of this month, the worst case: `python -m benchmarks.leaderboard`.

Makes its own servers and data in a temporary folder, asks through the whole HTTP stack in one process, prints a table,
and beside it what the same answer costs from the rewards themselves.
"""
import logging
import random
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import islice

from bson import ObjectId
from pymongo import MongoClient

from app import create_app
from blueprints import tokens
from config import embedded
from config.settings import Settings
from documents import clock
from documents.base import Document
from documents.permissions import UserType
from documents.referral_rollups import ReferralRollup, Span
from documents.rewards import Reward
from documents.users import User
from services import referral_rollups, schema, sessions
from services.sessions import Device

REWARDS = 1_000_000
REFERRERS = 100_000
ROUNDS = 50
BATCH = 20_000
VALUE = 25_000
PATHS = {
    "month by count": "?period=month",
    "month by value": "?period=month&metric=value",
    "month by value, 100 rows": "?period=month&metric=value&limit=100",
    "week by value": "?period=week&metric=value",
    "all time by value": "?period=all&metric=value",
}


def main() -> None:
    """Load, measure, print."""
    with tempfile.TemporaryDirectory(prefix="purser-bench-") as folder:
        settings = Settings.load({"DATA_DIR": folder, "APP_ENV": "test", "RATELIMIT_ENABLED": "no"})
        servers = embedded.start(settings, log=lambda _line: None)
        try:
            _measure(embedded.attach(settings))
        finally:
            servers.stop()


def _measure(settings: Settings) -> None:
    app = create_app(settings)
    app.logger.disabled = logging.getLogger("purser.request").disabled = True
    started = time.perf_counter()
    month = clock.day_of(clock.now(), settings.timezone).replace(day=1)
    _load(settings, clock.day_start(month, settings.timezone))
    schema.sync()           # after the rows: building an index over them is quicker than keeping one up to date
    print(f"{REWARDS} rewards of {REFERRERS} referrers this month, "
          f"{ReferralRollup.collection().estimated_document_count()} kept rows "
          f"(loaded in {time.perf_counter() - started:.0f} s)")
    with app.app_context():
        signed_in = sessions.open_session(user=User.get(REFERRERS // 2), device=Device())
        token = tokens.session_reply(signed_in)["access"]
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    print(f"{'board':<28}{'best ms':>10}{'median':>10}{'worst':>10}")
    for name, query in PATHS.items():
        _print(name, [_timed(lambda query=query: client.get(f"/api/referral/analytics/leaderboard/{query}"))
                      for _ in range(ROUNDS)])
    shown = client.get("/api/referral/analytics/leaderboard/?period=all&metric=value").json["results"]
    raw: list = []
    with MongoClient(settings.mongo_uri) as patient:        # the application's own client would give up after 20 s
        rewards = patient.get_default_database()["rewards"]
        _print("the same from the rewards", [_timed(lambda: raw.extend(rewards.aggregate(_RAW, allowDiskUse=True)))])
    assert [(row["user_id"], row["value"] * 100) for row in shown] == [
        (str(row["_id"]), row["value"]) for row in raw], "the kept figures differ from the rewards"


def _load(settings: Settings, since: datetime) -> None:
    """Rewards drawn so that few people have many; their kept rows are added up here the way the events would."""
    rng, now = random.Random(4), clock.now()
    seconds = max(1, int((now - since).total_seconds()))
    kept: dict = defaultdict(lambda: [0, since])

    def rewards():
        for number in range(REWARDS):
            user = 1 + int(REFERRERS * rng.random() ** 2)
            at = since + timedelta(seconds=rng.randrange(seconds), milliseconds=number % 1000)
            day = clock.day_of(at, settings.timezone)
            for span in Span:
                row = kept[span, referral_rollups.start_of(span, day), user]
                row[:] = [row[0] + 1, max(row[1], at)]
            yield {"_id": ObjectId(), "user": user, "role": "referrer", "referral": str(number),
                   "reward_type": "SIGNUP", "reward_value": VALUE, "reward_unit": "CASH", "status": "CREDITED",
                   "is_held": False, "created_at": at, "credited_at": at}

    _insert(User, ({"_id": number, "username": f"u{number}", "first_name": f"Person{number}", "last_name": "Test",
                    "user_type": UserType.CLIENT.value, "is_active": True, "is_verified": True, "unproven": [],
                    "date_joined": now} for number in range(1, REFERRERS + 1)))
    _insert(Reward, rewards())
    _insert(ReferralRollup, ({
        "_id": f"{span.value}:{start}:{user}", "span": span.value, "start": start, "user": user, "count": count,
        "count_at": at, "cash": count * VALUE, "cash_at": at, "points": 0, "points_at": None}
        for (span, start, user), (count, at) in kept.items()))


def _insert(document: type[Document], rows) -> None:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        document.collection().insert_many(batch, ordered=False)


def _timed(ask) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


def _print(name: str, times: list[float]) -> None:
    print(f"{name:<28}{min(times):>10.1f}{statistics.median(times):>10.1f}{max(times):>10.1f}")


_RAW = [{"$match": {"status": "CREDITED", "role": "referrer"}},
        {"$group": {"_id": "$user", "value": {"$sum": "$reward_value"}, "at": {"$max": "$credited_at"}}},
        {"$sort": {"value": -1, "at": 1, "_id": 1}}, {"$limit": 10}]


if __name__ == "__main__":
    main()

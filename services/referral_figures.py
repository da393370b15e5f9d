"""What referrals and rewards look like from outside: figures, lists and boards."""
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from aggregations import leaderboards, referrals
from config import settings
from documents import clock
from documents.errors import Invalid
from documents.listing import Listing
from documents.referral_rollups import ReferralRollup, Span
from documents.referrals import Referral
from documents.reward_configs import RewardUnit
from documents.rewards import Reward, RewardDebt, RewardStatus
from documents.transactions import current_session
from documents.users import User
from documents.wallets import POINTS
from services import referral_rollups

MOST_BUCKETS = 1000
LONGEST_BUCKET_DAYS = {"day": 1, "week": 7, "month": 28}


def summary(*, user: User) -> dict:
    """The person's code (or None), how many people used it, how many of them count, and the share as text."""
    found = next(User.collection().aggregate(referrals.summary(user.id), session=current_session()))
    total, successful = found["total"], found["successful"]
    return {"my_referral_code": found.get("code"), "total_referrals": total, "successful_referrals": successful,
            "conversion_rate": f"{successful * 100 // total if total else 0}%"}


def referred_people(*, user: User) -> Listing:
    """Who used the person's code, newest first."""
    return Listing(Referral, {"referrer": user.id}, orderings={"used_at": "created_at"}, lookups=referrals.WITH_STATUS)


def timeline(*, user: User, granularity: str = "day", since: date | None = None, until: date | None = None,
             fill: bool = False) -> list[dict]:
    """How many people used the code in each day, week or month of BUSINESS_TIMEZONE; `until` is included.

    `fill` also lists the empty ones, from `since` (else the first use) to `until` (else today). Raises Invalid when
    that were more than `MOST_BUCKETS`, or when the days are the wrong way round.
    """
    zone = settings.current().timezone
    if since and until and since > until:
        raise Invalid.field("to", "The last day is before the first.")
    last = until or clock.day_of(clock.now(), zone)
    pipeline = referrals.timeline(
        user.id, granularity=granularity, timezone=zone.key,
        since=clock.day_start(since, zone) if since else None,
        until=clock.day_start(until + timedelta(days=1), zone) if until else None,
        bounds=_bounds(user, granularity, since, last) if fill else None)
    return list(Referral.collection().aggregate(pipeline, session=current_session()))


def leaderboard(*, caller: User | None, period: str = "month", metric: str = "count", unit: str = RewardUnit.CASH,
                limit: int = 10) -> dict:
    """The best referrers of this week, this month or all time with their ranks, and the caller's own row or None.

    Figures are referrals, or minor units credited to the referrer.
    """
    day = clock.day_of(clock.now(), settings.current().timezone)
    span, measured = Span(period), metric if metric == "count" else unit.lower()
    start = referral_rollups.start_of(span, day)
    own = ReferralRollup.of(span=span, start=start, user=caller.id) if caller else None
    if own is not None and not own[measured]:
        own = None
    pipeline = leaderboards.board(span=span, start=start, metric=measured, limit=limit, own=own)
    rows = list(ReferralRollup.collection().aggregate(pipeline, session=current_session()))
    top = [row for row in rows if "figure" in row]
    me = {"user": own.user, "figure": own[measured], "person": caller.to_mongo()} if own and caller else None
    return {"period": period, "metric": metric, "unit": unit if metric == "value" else None,
            "since": None if span is Span.ALL else start,
            "results": [_row(rank, metric, row) for rank, row in enumerate(top, 1)],
            "me": _row(1 + sum(row["above"] for row in rows if "above" in row), metric, me) if me else None}


def history(*, user: User) -> Listing:
    """The person's rewards, newest first."""
    return Listing(Reward, {"user": user.id})


def all_rewards(**filters: Any) -> Listing:
    """Everybody's rewards for an admin, newest first, narrowed by stored fields."""
    return Listing(Reward, filters, lookups=referrals.WITH_PEOPLE)


def totals(*, user: User) -> dict:
    """What the person's rewards come to, by unit and status, and what is owed; minor units."""
    figures: dict = {unit.value: dict.fromkeys((status.lower() for status in RewardStatus), 0) for unit in RewardUnit}
    counts = dict.fromkeys((status.lower() for status in RewardStatus), 0)
    for row in Reward.collection().aggregate(referrals.reward_totals(user.id), session=current_session()):
        status = row["_id"]["status"].lower()
        figures[row["_id"]["unit"]][status] = row["value"]
        counts[status] += row["count"]
    figures[RewardUnit.CASH.value]["owed"] = RewardDebt.of(f"{user.id}:{settings.current().currency}")
    figures[RewardUnit.POINTS.value]["owed"] = RewardDebt.of(f"{user.id}:{POINTS}")
    return {"counts": counts, "cash": figures[RewardUnit.CASH.value], "points": figures[RewardUnit.POINTS.value]}


def display_name(user_id: int, person: dict) -> str:
    """How somebody is shown to strangers: first name and initial, else the chosen user name; no address ever."""
    first, last = person.get("first_name", "").strip(), person.get("last_name", "").strip()
    shown = f"{first} {last[:1]}." if first and last else first or last[:1]
    return shown or person.get("username") or f"User {user_id}"


def _row(rank: int, metric: str, row: dict) -> dict:
    return {"rank": rank, "user_id": row["user"], "name": display_name(row["user"], row.get("person", {})),
            metric: row["figure"]}


def _bounds(user: User, granularity: str, since: date | None, last: date) -> list[datetime] | None:
    first = since or _first_use(user)
    if first is None:
        return None
    if (last - first).days // LONGEST_BUCKET_DAYS[granularity] > MOST_BUCKETS:
        raise Invalid.field("from", f"Ask for at most {MOST_BUCKETS} {granularity}s at once.")
    span = Span(granularity)
    start = date.fromisoformat(referral_rollups.start_of(span, first))
    # The upper bound is exclusive: the day after the last is behind the start of its week or month in any case.
    return [datetime.combine(day, time.min, UTC) for day in (start, last + timedelta(days=1))]


def _first_use(user: User) -> date | None:
    found = Referral.find_one({"referrer": user.id, "voided_at": None}, sort=[("created_at", 1)])
    return clock.day_of(found.created_at, settings.current().timezone) if found else None

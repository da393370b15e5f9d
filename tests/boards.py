"""A leaderboard worked out from the facts, and the one that is kept, in the same form."""
from datetime import datetime

from config import settings
from documents import clock
from documents.referral_rollups import Span
from documents.referrals import Referral
from documents.rewards import Reward
from services import referral_figures
from services.referral_rollups import start_of


def raw_board(metric: str, span: Span, moment: datetime) -> list[tuple[int, int]]:
    """The board worked out from every referral and reward, with nothing kept in between."""
    zone = settings.current().timezone
    wanted = start_of(span, clock.day_of(moment, zone))
    facts = ([(row.referrer, row.created_at, 1) for row in Referral.find({"voided_at": None})] if metric == "count" else
             [(row.user, row.credited_at, row.reward_value) for row in Reward.find(
                 {"status": "CREDITED", "role": "referrer", "reward_unit": metric.upper()})])
    sums: dict[int, list] = {}
    for user, when, value in facts:
        if start_of(span, clock.day_of(when, zone)) == wanted:
            row = sums.setdefault(user, [0, when])
            row[:] = [row[0] + value, max(row[1], when)]
    best = sorted(sums.items(), key=lambda item: (-item[1][0], item[1][1], item[0]))
    return [(user, value) for user, (value, _) in best]


def kept_board(metric: str, span: Span) -> list[tuple[int, int]]:
    asked = {"metric": "count"} if metric == "count" else {"metric": "value", "unit": metric.upper()}
    found = referral_figures.leaderboard(caller=None, period=span.value, limit=100, **asked)
    assert [row["rank"] for row in found["results"]] == list(range(1, len(found["results"]) + 1))
    return [(row["user_id"], row[asked["metric"]]) for row in found["results"]]

"""Keeping the leaderboard figures: whatever happened to a referrer's day, the day is worked out anew from the facts."""
from datetime import date, datetime, timedelta

from aggregations import leaderboards
from config import settings
from documents import clock
from documents.base import Document
from documents.referral_rollups import ReferralRollup, Span
from documents.referrals import Referral
from documents.rewards import Reward
from documents.transactions import atomic, current_session

BEGINNING = "0001-01-01"
"""The start of the one span that has none."""
NOTHING = dict.fromkeys(leaderboards.METRICS, 0) | {f"{metric}_at": None for metric in leaderboards.METRICS}


@atomic
def refresh(user: int, moment: datetime) -> None:
    """Work out the day of `moment` for one referrer and every span it lies in.

    Nothing is added up twice or in the wrong order, for nothing is added: the row is what the facts say now, and two
    refreshes at once conflict on it, so that the later one sees what the earlier one saw.
    """
    zone = settings.current().timezone
    day = clock.day_of(moment, zone)
    since, until = clock.day_start(day, zone), clock.day_start(day + timedelta(days=1), zone)
    referrals = _first(Referral, leaderboards.day_referrals(user, since, until))
    rewards = _first(Reward, leaderboards.day_rewards(user, since, until))
    _put(Span.DAY, user, day.isoformat(), NOTHING | referrals | rewards)
    for span in (Span.WEEK, Span.MONTH, Span.ALL):
        _add_up(span, user, day)


def start_of(span: Span, day: date) -> str:
    """The key of the span that `day` lies in."""
    if span is Span.WEEK:
        return (day - timedelta(days=day.weekday())).isoformat()
    if span is Span.MONTH:
        return day.replace(day=1).isoformat()
    return day.isoformat() if span is Span.DAY else BEGINNING


def _last_of(span: Span, start: str) -> str:
    """A key that no day of the span is behind, and no day of the next one before."""
    if span is Span.WEEK:
        return (date.fromisoformat(start) + timedelta(days=6)).isoformat()
    return f"{start[:8]}31" if span is Span.MONTH else date.max.isoformat()


def _add_up(span: Span, user: int, day: date) -> None:
    start = start_of(span, day)
    _put(span, user, start, _first(ReferralRollup, leaderboards.span_figures(user, start, _last_of(span, start))))


def _first(document: type[Document], pipeline: list[dict]) -> dict:
    return next(document.collection().aggregate(pipeline, session=current_session()), {})


def _put(span: Span, user: int, start: str, figures: dict) -> None:
    ReferralRollup.put(span=span, start=start, user=user, figures={name: figures[name] for name in NOTHING})

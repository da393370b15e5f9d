"""The life of a reward: earned, perhaps held, credited, perhaps revoked."""
from datetime import timedelta
from typing import NoReturn

from bson import ObjectId

from config import settings
from documents import clock
from documents.errors import Conflict, NotFound
from documents.referrals import Referral
from documents.reward_configs import RewardConfig, RewardType
from documents.rewards import Reward, RewardCap, RewardRole
from documents.transactions import atomic
from documents.users import User
from services import events, reward_books

ACCOUNT_CLOSED = "account_closed"


class NotPending(Conflict):
    code = "reward_not_pending"
    detail = "Only pending rewards can be credited"


class AlreadyRevoked(Conflict):
    code = "reward_already_revoked"
    detail = "This reward has been revoked already"


class NotHeld(Conflict):
    code = "reward_not_held"
    detail = "Only held rewards can be released"


@atomic
def grant(*, referral: Referral, reward_type: RewardType, order: str | None = None) -> list[Reward]:
    """The rewards that `referral` earns by the terms of `reward_type` in force; none when there are no such terms.

    The referrer's is left out beyond the month's cap. Both are held when the referral looks like fraud.
    """
    config = RewardConfig.in_force(reward_type)
    if config is None:
        return []
    granted = []
    if _below_cap(referral, config):
        granted.append(_make(referral, config, RewardRole.REFERRER, config.reward_value, order))
    if config.referee_value:
        granted.append(_make(referral, config, RewardRole.REFERRED, config.referee_value, order))
    return granted


@atomic
def credit(*, reward_id: ObjectId, actor: User) -> Reward:
    """Pay a pending reward out, held or not: an admin's word is the decision. Raises NotFound, NotPending."""
    return _credited(reward_id, by=actor.id, also={}) or _refuse(reward_id, NotPending())


def credit_due(*, limit: int) -> int:
    """Pay rewards out whose hold period is over; returns how many were looked at. Any number may run at once."""
    due = list(Reward.to_credit(now=clock.now(), limit=limit))
    for reward in due:
        _credit_one(reward)
    return len(due)


@atomic
def revoke(*, reward_id: ObjectId, actor: User | None, reason: str) -> Reward:
    """Revoke a reward and take back what it paid. Raises NotFound, AlreadyRevoked.

    What the wallet lacks becomes a debt. Without its signup reward the referral counts in no figure any more.
    """
    now, by = clock.now(), actor.id if actor else None
    revoked = Reward.revoke(reward_id, by=by, reason=reason, now=now) or _refuse(reward_id, AlreadyRevoked())
    if revoked.credited_at is not None:
        revoked.owed = reward_books.take_back(revoked, actor=by)
        Reward.change_row({"_id": reward_id}, {"$set": {"owed": revoked.owed}})
    if revoked.reward_type == RewardType.SIGNUP and revoked.role == RewardRole.REFERRER:
        Referral.void(revoked.referral, now)
    _record("reward.revoked", revoked)
    return revoked


@atomic
def release(*, reward_id: ObjectId, actor: User) -> Reward:
    """Let a held reward be credited after its hold period like any other. Raises NotFound, NotHeld."""
    return Reward.release(reward_id, by=actor.id, now=clock.now()) or _refuse(reward_id, NotHeld())


def parsed_id(text: str) -> ObjectId:
    """The id of a reward or of terms as clients write it; raises NotFound for what cannot be one."""
    if not ObjectId.is_valid(text):
        raise NotFound
    return ObjectId(text)


@atomic
def _credit_one(reward: Reward) -> None:
    if User.find_one({"_id": reward.user, "is_active": True}) is None:
        # Somebody has left: an admin decides, and the queue behind it goes on.
        Reward.hold(reward.id, ACCOUNT_CLOSED)
        return
    _credited(reward.id, by=None, also={"is_held": False})


def _credited(reward_id: ObjectId, *, by: int | None, also: dict) -> Reward | None:
    reward = Reward.credit(reward_id, by=by, now=clock.now(), also=also)
    if reward is not None:
        reward_books.pay(reward, actor=by)
        _record("reward.credited", reward)
    return reward


def _make(referral: Referral, config: RewardConfig, role: RewardRole, value: int, order: str | None) -> Reward:
    now = clock.now()
    reward = Reward(
        user=referral.referrer if role is RewardRole.REFERRER else referral.referred, role=role.value,
        referral=referral.id, reward_type=config.reward_type, reward_value=value, reward_unit=config.reward_unit,
        is_held=bool(referral.signals), held_for=referral.signals, order=order, config=config.id, created_at=now,
        due_at=None if config.hold_days is None else now + timedelta(days=config.hold_days)).create()
    _record("reward.held" if reward.is_held else "reward.earned", reward)
    return reward


def _below_cap(referral: Referral, config: RewardConfig) -> bool:
    if config.monthly_cap is None:
        return True
    month = clock.day_of(clock.now(), settings.current().timezone).strftime("%Y-%m")
    if RewardCap.take(f"{referral.referrer}:{config.reward_type}:{month}", config.monthly_cap):
        return True
    events.record("reward.capped", subject=f"referral:{referral.id}", user=referral.referrer,
                  reward_type=config.reward_type)
    return False


def _record(type_: str, reward: Reward) -> None:
    events.record(type_, subject=f"reward:{reward.id}", user=reward.user, reward_type=reward.reward_type,
                  reward_unit=reward.reward_unit, reward_value=reward.reward_value, role=reward.role)


def _refuse(reward_id: ObjectId, refusal: Conflict) -> NoReturn:
    Reward.get(reward_id)
    raise refusal

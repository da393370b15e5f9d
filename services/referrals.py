"""Having a referral code, and using somebody else's."""
import secrets
import string
from datetime import timedelta
from typing import NamedTuple

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, Invalid
from documents.ids import new_uuid
from documents.referrals import Referral, ReferralCode
from documents.reward_configs import RewardConfig, RewardType
from documents.rewards import Reward
from documents.transactions import atomic
from documents.users import User
from services import events, fraud, rewards
from services.referral_tree import lock, refuse_circle

ALPHABET = string.ascii_uppercase + string.digits
RANDOM_LENGTH = 6
MOST_COLLISIONS = 10


class UnknownCode(Invalid):
    code = "referral_code_unknown"
    detail = "Invalid referral code"

    def __init__(self) -> None:
        super().__init__(errors={"referral_code": [self.detail]})


class OwnCode(Invalid):
    code = "referral_code_own"
    detail = "You cannot use your own referral code"

    def __init__(self) -> None:
        super().__init__(errors={"referral_code": [self.detail]})


class AlreadyReferred(Conflict):
    code = "already_referred"
    detail = "You have already used a referral"


class NoRewardConfig(Conflict):
    code = "reward_config_missing"
    detail = "Reward config missing"


class AccountTooOld(Conflict):
    code = "account_too_old"
    detail = "This account is too old to use a referral code"


class NotVerified(Conflict):
    code = "account_not_verified"
    detail = "Verify your e-mail address or phone number first"


class CodeExhausted(Conflict):
    code = "referral_code_exhausted"
    detail = "Referral code already used"


class Applied(NamedTuple):
    referral: Referral
    rewards: list[Reward]


def code_of(*, user: User) -> ReferralCode:
    """The one code of `user`, made on first use: the unique index on the owner decides between parallel calls."""
    traces = fraud.traces_of(user)
    found = ReferralCode.find_one({"owner": user.id}) or _new_code(user.id, traces)
    found.remember(traces)
    return found


def check_code(code: str) -> None:
    """Raise UnknownCode unless somebody active owns `code`, in any case."""
    _find(code)


@atomic
def apply(*, user: User, code: str) -> Applied:
    """Link `user` to the owner of `code` and give both the rewards of the terms in force; all of it or nothing.

    Raises, in this order: UnknownCode, OwnCode, AlreadyReferred, CircularReferral, NoRewardConfig, AccountTooOld,
    NotVerified, CodeExhausted.
    """
    now, caller = clock.now(), lock(user.id)
    found, owner = _find(code)
    _refuse(caller, owner)
    owner_traces = fraud.traces_of(owner)
    signals = fraud.signals(user=caller, code=found, owner_traces=owner_traces, now=now)
    if ReferralCode.take_use(found.id, most=settings.current().referral_code_max_uses,
                             traces=owner_traces - set(found.traces)) is None:
        raise CodeExhausted
    referral = Referral(id=new_uuid(), code=found.code, referrer=owner.id, referred=caller.id, signals=signals,
                        created_at=now).create()
    events.record("referral.applied", subject=f"referral:{referral.id}", user=owner.id, referred=caller.id,
                  signals=signals)
    return Applied(referral, rewards.grant(referral=referral, reward_type=RewardType.SIGNUP))


@atomic
def apply_promised(*, user: User) -> None:
    """Apply the code that a now verified person gave when signing up; what speaks against it is recorded, not raised.

    A refusal that came up meanwhile must not keep anybody from logging in.
    """
    if not user.referral_code or not user.is_verified:
        return
    code = user.referral_code
    User.change_row({"_id": user.id}, {"$unset": {"referral_code": ""}})
    try:
        apply(user=user, code=code)
    except (Invalid, Conflict) as refusal:
        events.record("referral.refused", subject=f"user:{user.id}", user=user.id, referral_code=code,
                      code=refusal.code)


def _find(code: str) -> tuple[ReferralCode, User]:
    found = ReferralCode.find_one({"code": code.strip().upper()})
    owner = User.find_one({"_id": found.owner, "is_active": True}) if found else None
    if found is None or owner is None:
        raise UnknownCode
    return found, owner


def _refuse(user: User, owner: User) -> None:
    if owner.id == user.id:
        raise OwnCode
    if Referral.find_one({"referred": user.id}) is not None:
        raise AlreadyReferred
    refuse_circle(user=user.id, owner=owner.id)
    if not RewardConfig.any_in_force():
        raise NoRewardConfig
    if clock.now() - user.date_joined > timedelta(days=settings.current().referral_max_account_age_days):
        raise AccountTooOld
    if not user.is_verified:
        raise NotVerified


def _new_code(owner: int, traces: set[str]) -> ReferralCode:
    for _ in range(MOST_COLLISIONS):
        random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
        try:
            return ReferralCode(id=new_uuid(), owner=owner, traces=sorted(traces), created_at=clock.now(),
                                code=settings.current().referral_code_prefix + random).create()
        except Duplicate:  # another call made this person's code, or somebody else drew the same letters
            found = ReferralCode.find_one({"owner": owner})
            if found is not None:
                return found
    raise Conflict("No free referral code was found; try again.")

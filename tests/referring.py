"""Short ways to terms, codes and referrals for the tests that are about what follows from them."""
from typing import Any

from documents.reward_configs import RewardConfig
from documents.rewards import Reward
from documents.users import User
from documents.wallets import Wallet
from services import dispatch, referrals, reward_configs
from services.referrals import Applied


def terms(admin: User, reward_type: str = "SIGNUP", value: int = 25_000, unit: str = "CASH",
          **more: Any) -> RewardConfig:
    """New terms in force; `value` in minor units."""
    return reward_configs.add(actor=admin, reward_type=reward_type, reward_value=value, reward_unit=unit, **more)


def refer(owner: User, user: User) -> Applied:
    """Let `user` use the code of `owner`."""
    return referrals.apply(user=user, code=referrals.code_of(user=owner).code)


def rewards_of(user: User) -> list[Reward]:
    return list(Reward.find({"user": user.id}, sort=[("_id", 1)]))


def balance(user: User, unit: str = "INR") -> int:
    wallet = Wallet.find_one({"owner": user.id, "unit": unit})
    return wallet.balance if wallet else 0


def work_off_events() -> None:
    """Let every event have its consequences."""
    while dispatch.dispatch_pending(limit=100):
        pass

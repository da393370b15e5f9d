"""The referral programme of the demo: terms, a few people who came through others, and a reward in every state."""
from contextlib import suppress

from documents.errors import Conflict, Invalid
from documents.referrals import Referral
from documents.reward_configs import RewardConfig, RewardType, RewardUnit
from documents.rewards import Reward, RewardRole, RewardStatus
from documents.transactions import atomic
from documents.users import User
from services import referrals, reward_configs, rewards

TERMS = [
    {"reward_type": RewardType.SIGNUP.value, "reward_value": 250_00, "reward_unit": RewardUnit.CASH.value,
     "referee_value": 50_00},
    {"reward_type": RewardType.FIRST_ORDER.value, "reward_value": 100_00, "reward_unit": RewardUnit.POINTS.value,
     "monthly_cap": 20, "hold_days": 7},
]
LINKS = [("gita", "farid"), ("hari", "farid"), ("dev", "gita"), ("chitra", "gita"), ("esha", "hari")]
"""Who used whose code; loaded before the recharges, so that first orders earn something too."""
CREDITED = ("gita",)
REVOKED = ("chitra",)
"""Whose referrer's reward was credited or revoked; the others' wait."""


def load(known: dict[str, User]) -> None:
    """Make what is missing: each link is made once, and a reward is decided only while it is pending."""
    if RewardConfig.find_one({}) is None:
        for terms in TERMS:
            reward_configs.add(actor=known["admin"], **terms)
    for name, owner in LINKS:
        # Whoever loads the demo into an older installation may have older accounts or other terms there.
        with suppress(Conflict, Invalid):
            _link(known, name, owner)


@atomic
def _link(known: dict[str, User], name: str, owner: str) -> None:
    user, admin = known[name], known["admin"]
    if Referral.find_one({"referred": user.id}) is not None:
        return
    referral = referrals.apply(user=user, code=referrals.code_of(user=known[owner]).code).referral
    earned = Reward.find_one({"referral": referral.id, "role": RewardRole.REFERRER.value,
                              "status": RewardStatus.PENDING.value})
    if earned is not None and name in CREDITED:
        rewards.credit(reward_id=earned.id, actor=admin)
    if earned is not None and name in REVOKED:
        rewards.revoke(reward_id=earned.id, actor=admin, reason="The same person under another name")

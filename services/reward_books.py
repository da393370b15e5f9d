"""The ledger entries of a reward, and the debts that revoked rewards leave behind."""
from config import settings
from documents.ledger import LedgerEntry
from documents.reward_configs import RewardUnit
from documents.rewards import Reward, RewardDebt
from documents.wallets import POINTS
from services import ledger, wallets
from services.ledger import Leg, wallet_account

REWARDS = "rewards"
"""What the house has given away."""
DEBT_PREFIX = "debt:"


def unit_of(reward: Reward) -> str:
    """The ledger unit a reward is paid in."""
    return POINTS if reward.reward_unit == RewardUnit.POINTS else settings.current().currency


def debt_key(reward: Reward) -> str:
    return f"{reward.user}:{unit_of(reward)}"


def credit_reference(reward: Reward) -> str:
    return f"reward:{reward.id}:credit"


def revoke_reference(reward: Reward) -> str:
    return f"reward:{reward.id}:revoke"


def pay(reward: Reward, *, actor: int | None) -> None:
    """Book a credited reward into its owner's wallet, debts first, in the transaction that credits it."""
    wallet = wallets.open_wallet(owner=reward.user, unit=unit_of(reward))
    key = debt_key(reward)
    settled = min(RewardDebt.of(key), reward.reward_value)
    RewardDebt.add(key, -settled)
    _post("reward.credited", credit_reference(reward), reward, actor, {
        REWARDS: -reward.reward_value, DEBT_PREFIX + key: settled,
        wallet_account(wallet.id): reward.reward_value - settled})


def take_back(reward: Reward, *, actor: int | None) -> int:
    """Book a credited reward back; returns what the wallet could not give, which is owed from now on.

    With enough in the wallet it is the exact reversal of the credit, a debt that the credit had settled included.
    """
    wallet = wallets.open_wallet(owner=reward.user, unit=unit_of(reward))
    received = _received(reward, wallet_account(wallet.id))
    settled, short = reward.reward_value - received, max(0, received - wallet.balance)
    key, reference = debt_key(reward), revoke_reference(reward)
    RewardDebt.add(key, settled + short)
    if not short:
        ledger.reverse(credit_reference(reward), reference=reference, kind="reward.revoked", actor=actor)
        return 0
    _post("reward.revoked", reference, reward, actor, {
        REWARDS: reward.reward_value, DEBT_PREFIX + key: -settled - short, wallet_account(wallet.id): short - received})
    return short


def _received(reward: Reward, account: str) -> int:
    """What the credit put into the wallet; the rest of its value had settled debts."""
    entry = LedgerEntry.find_one({"reference": credit_reference(reward)})
    return sum(leg.amount for leg in entry.legs if leg.account == account) if entry else 0


def _post(kind: str, reference: str, reward: Reward, actor: int | None, amounts: dict[str, int]) -> None:
    legs = [Leg(account, amount) for account, amount in amounts.items() if amount]
    ledger.post(kind=kind, reference=reference, legs=legs, unit=unit_of(reward), actor=actor)

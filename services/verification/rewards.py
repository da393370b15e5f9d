"""Checks of rewards against the entries that paid and revoked them, and of debts against theirs."""
from collections.abc import Iterator

from config import settings
from documents.ledger import LedgerEntry
from documents.reward_configs import RewardUnit
from documents.rewards import Reward, RewardDebt, RewardStatus
from documents.transactions import current_session
from documents.wallets import POINTS
from services.reward_books import DEBT_PREFIX, REWARDS

_SIGNS = {"credit": -1, "revoke": 1}


def broken_rewards() -> Iterator[str]:
    """Rewards whose status and entries disagree: not booked, booked twice over, booked with another value or unit."""
    units = {RewardUnit.CASH.value: settings.current().currency, RewardUnit.POINTS.value: POINTS}
    for row in Reward.collection().aggregate(_WITH_ENTRIES, session=current_session(), allowDiskUse=True):
        due = {"credit": row.get("credited_at") is not None,
               "revoke": row["status"] == RewardStatus.REVOKED and row.get("credited_at") is not None}
        for what, sign in _SIGNS.items():
            entry = next(iter(row[what]), None)
            if due[what] != (entry is not None):
                yield f"reward {row['_id']} is {row['status']} and its {what} is {'missing' if due[what] else 'booked'}"
            elif entry is not None and (entry["unit"], _given(entry)) != (units[row["reward_unit"]],
                                                                         sign * row["reward_value"]):
                yield f"reward {row['_id']} of {row['reward_value']} {row['reward_unit']} was booked as " \
                      f"{sign * _given(entry)} {entry['unit']}"


def orphaned_entries() -> Iterator[str]:
    """Reward entries without a reward."""
    for row in LedgerEntry.collection().aggregate(_ORPHANS, session=current_session(), allowDiskUse=True):
        yield f"entry {row['reference']} belongs to no reward"


def broken_debts() -> Iterator[str]:
    """Debts that differ from what their entries say."""
    booked = {row["_id"].removeprefix(DEBT_PREFIX): -row["sum"]
              for row in LedgerEntry.collection().aggregate(_DEBTS, session=current_session(), allowDiskUse=True)}
    for debt in RewardDebt.find({}):
        said = booked.pop(debt.key, 0)
        if said != debt.amount:
            yield f"debt {debt.key} says {debt.amount}, its entries say {said}"
    for key, amount in booked.items():
        if amount:
            yield f"debt {key} is booked as {amount} and does not exist"


def _given(entry: dict) -> int:
    return sum(leg["amount"] for leg in entry["legs"] if leg["account"] == REWARDS)


def _entries(what: str) -> list[dict]:
    return [{"$set": {what: {"$concat": ["reward:", {"$toString": "$_id"}, f":{what}"]}}},
            {"$lookup": {"from": "ledger_entries", "localField": what, "foreignField": "reference", "as": what}}]


_WITH_ENTRIES: list[dict] = [
    {"$project": {"status": 1, "credited_at": 1, "reward_value": 1, "reward_unit": 1}},
    *_entries("credit"), *_entries("revoke")]
_ORPHANS: list[dict] = [
    {"$match": {"legs.account": REWARDS, "kind": {"$in": ["reward.credited", "reward.revoked"]}}},
    {"$set": {"reward": {"$toObjectId": {"$arrayElemAt": [{"$split": ["$reference", ":"]}, 1]}}}},
    {"$lookup": {"from": "rewards", "localField": "reward", "foreignField": "_id", "as": "reward"}},
    {"$match": {"reward": []}}]
_DEBTS: list[dict] = [
    {"$match": {"legs.account": {"$gte": DEBT_PREFIX, "$lt": "debt;"}}}, {"$unwind": "$legs"},
    {"$match": {"legs.account": {"$gte": DEBT_PREFIX, "$lt": "debt;"}}},
    {"$group": {"_id": "$legs.account", "sum": {"$sum": "$legs.amount"}}}]

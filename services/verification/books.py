"""Checks that need nothing but the entries and the wallets."""
from collections.abc import Iterator

from aggregations.wallets import MISNAMED
from documents.ledger import LedgerEntry
from documents.transactions import current_session
from documents.wallets import Wallet
from services.ledger import WALLET_PREFIX

_LEGS = [{"$unwind": "$legs"}]


def unbalanced_entries() -> Iterator[str]:
    """Entries whose legs do not sum to zero, whatever the validator once let through."""
    for row in _over_entries([{"$match": {"$expr": {"$ne": [{"$sum": "$legs.amount"}, 0]}}}]):
        yield f"entry {row['reference']} does not sum to zero"


def units_not_zero() -> Iterator[str]:
    """Units in which the accounts together do not sum to zero."""
    for row in _over_entries([*_LEGS, {"$group": {"_id": "$unit", "sum": {"$sum": "$legs.amount"}}}]):
        if row["sum"] != 0:
            yield f"{row['_id']} sums to {row['sum']} over all accounts"


def broken_wallets() -> Iterator[str]:
    """Wallets that differ from the fold of their legs, legs with a gap, and legs of wallets that do not exist."""
    wallets = {wallet["_id"]: wallet for wallet in Wallet.collection().find(
        {}, {"balance": 1, "seq": 1, "unit": 1}, session=current_session())}
    for wallet_id, fold in _folds():
        wallet = wallets.pop(wallet_id, None)
        if wallet is None:
            yield f"wallet {wallet_id} has entries and does not exist"
        elif fold.broken:
            yield f"wallet {wallet_id} {fold.broken}"
        elif (fold.balance, fold.seq, fold.unit) != (wallet["balance"], wallet["seq"], wallet["unit"]):
            yield (f"wallet {wallet_id} says {wallet['balance']} after {wallet['seq']} legs, "
                   f"its entries say {fold.balance} after {fold.seq}")
    for wallet_id, wallet in wallets.items():
        if wallet["balance"] or wallet["seq"]:
            yield f"wallet {wallet_id} says {wallet['balance']} and has no entry"


def misnamed_wallets() -> Iterator[str]:
    """Wallets whose copy of their owner's e-mail or role is out of date; `flask db sync` puts them right."""
    for row in Wallet.collection().aggregate(MISNAMED, session=current_session()):
        yield f"wallet {row['_id']} does not name its owner as the owner is called now"


def inexact_reversals() -> Iterator[str]:
    """Reversals whose legs are not the negated legs of the entry they name."""
    for row in _over_entries([
            {"$match": {"reverses": {"$type": "string"}}},
            {"$lookup": {"from": "ledger_entries", "localField": "reverses", "foreignField": "reference",
                         "as": "original"}}]):
        original = row["original"][0]["legs"] if row["original"] else []
        if _amounts(row["legs"], sign=-1) != _amounts(original, sign=1):
            yield f"entry {row['reference']} is not the exact opposite of {row['reverses']}"


class _Fold:
    """One wallet, folded leg by leg in the order of their numbers."""

    def __init__(self) -> None:
        self.balance = self.seq = 0
        self.unit = ""
        self.broken = ""

    def add(self, leg: dict) -> None:
        self.balance += leg["amount"]
        self.seq += 1
        self.unit = self.unit or leg["unit"]
        if self.broken:
            return
        if leg.get("seq") != self.seq:
            self.broken = f"has leg {leg.get('seq')} where {self.seq} was due ({leg['reference']})"
        elif leg.get("balance_after") != self.balance:
            self.broken = f"says {leg.get('balance_after')} after leg {self.seq}, its legs sum to {self.balance}"
        elif self.balance < 0:
            self.broken = f"is below zero after leg {self.seq}"
        elif leg["unit"] != self.unit:
            self.broken = f"mixes {self.unit} and {leg['unit']}"


def _folds() -> Iterator[tuple[int, _Fold]]:
    current, fold = None, _Fold()
    for leg in _over_entries([
            *_LEGS, {"$match": {"legs.account": {"$gte": WALLET_PREFIX, "$lt": "wallet;"}}},
            {"$project": {"account": "$legs.account", "seq": "$legs.seq", "amount": "$legs.amount",
                          "balance_after": "$legs.balance_after", "unit": 1, "reference": 1}},
            {"$sort": {"account": 1, "seq": 1}}]):
        if leg["account"] != current:
            if current is not None:
                yield int(current.removeprefix(WALLET_PREFIX)), fold
            current, fold = leg["account"], _Fold()
        fold.add(leg)
    if current is not None:
        yield int(current.removeprefix(WALLET_PREFIX)), fold


def _amounts(legs: list[dict], *, sign: int) -> dict[str, int]:
    return {leg["account"]: sign * leg["amount"] for leg in legs}


def _over_entries(pipeline: list[dict]) -> Iterator[dict]:
    return LedgerEntry.collection().aggregate(pipeline, allowDiskUse=True, session=current_session())

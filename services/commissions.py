"""Folding what distributors earned on recharges into their wallets."""
from collections.abc import Iterator

from documents.recharges import Recharge
from documents.transactions import atomic, current_session
from services import ledger, wallets
from services.ledger import Leg, wallet_account
from services.recharge_books import commission_account

BATCH = 500
"""Recharges folded by one entry."""


def fold_all() -> int:
    """Fold everything that is due, distributor by distributor; returns the minor units that reached wallets."""
    return sum(fold(user_id=user_id) for user_id in _owed_users())


def fold(*, user_id: int) -> int:
    """Move what the user has earned into its wallet, in entries of a few hundred recharges; returns the minor units."""
    wallet = wallets.wallet_of(user_id)
    folded = 0
    while amount := _fold_batch(user_id, wallet.id):
        folded += amount
    return folded


@atomic
def _fold_batch(user_id: int, wallet_id: int) -> int:
    due = list(Recharge.find({"upline_due": user_id}, sort=[("_id", 1)], limit=BATCH))
    amount = sum(recharge.upline_earned for recharge in due)
    if not amount:
        return 0
    # Two folders read the same recharges; both write the wallet, so the second starts over and finds them folded.
    ledger.post(kind="commission.fold", reference=f"commission:{user_id}:{due[-1].id}", legs=[
        Leg(commission_account(user_id), -amount), Leg(wallet_account(wallet_id), amount)])
    folded = {"_id": {"$in": [recharge.id for recharge in due]}}
    Recharge.collection().update_many(folded, {"$unset": {"upline_due": ""}}, session=current_session())
    return amount


def _owed_users() -> Iterator[int]:
    """Each user with commissions due, found by skipping along the index of what is due."""
    after = 0
    while (row := Recharge.collection().find_one(
            {"upline_due": {"$gt": after}}, {"upline_due": 1}, sort=[("upline_due", 1)])) is not None:
        after = row["upline_due"]
        yield after

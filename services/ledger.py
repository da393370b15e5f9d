"""The only writer of balances and ledger entries."""
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bson import ObjectId

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, NotFound
from documents.ledger import LedgerEntry
from documents.transactions import atomic, current_session
from documents.wallets import Wallet

WALLET_PREFIX = "wallet:"
CASH = "cash"
"""Money that entered or left the installation by an administrator's hand."""


class InsufficientFunds(Conflict):
    code = "insufficient_funds"
    detail = "Insufficient wallet balance"


class AlreadyPosted(Conflict):
    """The reference was posted before: nothing moved now."""

    code = "already_posted"
    detail = "This has already been booked."


class Leg(NamedTuple):
    """One side of an entry: `amount` minor units flow into `account` (out of it when negative)."""

    account: str
    amount: int


def wallet_account(wallet_id: int) -> str:
    """The account name of a wallet."""
    return f"{WALLET_PREFIX}{wallet_id}"


@atomic
def post(*, kind: str, reference: str, legs: Sequence[Leg], unit: str | None = None, actor: int | None = None,
         memo: str = "", reverses: str | None = None) -> dict:
    """Book one balanced entry and move the wallets it touches; returns the stored entry.

    Amounts are minor units of `unit` (the installation's currency unless told otherwise). Raises InsufficientFunds
    when a wallet would fall below zero, AlreadyPosted when `reference` is known, ValueError when legs do not balance.
    """
    _check(legs)
    now = clock.now()
    rows: list[dict] = []
    # Who pays goes first: that is the write which can lose, and losing there costs nothing.
    for leg in sorted(legs, key=lambda leg: leg.amount):
        row, moved_at = _move(leg, now)
        rows.append(row)
        now = max(now, moved_at)
    entry = {"_id": ObjectId(), "kind": kind, "reference": reference, "unit": unit or settings.current().currency,
             "legs": rows, "actor": actor, "memo": memo, "created_at": now}
    if reverses is not None:
        entry["reverses"] = reverses
    try:
        LedgerEntry.insert(entry)
    except Duplicate as error:
        raise AlreadyPosted from error
    return entry


@atomic
def reverse(entry_reference: str, *, reference: str, kind: str, actor: int | None = None, memo: str = "") -> dict:
    """Take an entry back to the minor unit, once: a second reversal raises AlreadyPosted.

    Raises NotFound for an unknown entry, InsufficientFunds when a wallet that had received cannot give back.
    """
    entry = LedgerEntry.find_one({"reference": entry_reference})
    if entry is None:
        raise NotFound
    # For a true answer only: an emptied wallet would say InsufficientFunds. The unique index is the guard.
    if LedgerEntry.find_one({"reverses": entry_reference}) is not None:
        raise AlreadyPosted
    return post(kind=kind, reference=reference, legs=[Leg(leg.account, -leg.amount) for leg in entry.legs],
                unit=entry.unit, actor=actor, memo=memo, reverses=entry_reference)


def balance(account: str, at: datetime | None = None, *, before: datetime | None = None) -> int:
    """The balance of any account in minor units, summed from its entries: all, up to `at`, or those `before`."""
    match: dict = {"legs.account": account}
    if at is not None or before is not None:
        match["created_at"] = {"$lte": at} if at is not None else {"$lt": before}
    sums = LedgerEntry.collection().aggregate([
        {"$match": match}, {"$unwind": "$legs"}, {"$match": {"legs.account": account}},
        {"$group": {"_id": None, "sum": {"$sum": "$legs.amount"}}}], session=current_session())
    return next((row["sum"] for row in sums), 0)


def _check(legs: Sequence[Leg]) -> None:
    if len(legs) < 2 or sum(leg.amount for leg in legs) != 0 or any(leg.amount == 0 for leg in legs):
        raise ValueError(f"legs do not balance: {legs}")
    if len({leg.account for leg in legs}) != len(legs):
        raise ValueError(f"an account stands twice: {legs}")


def _move(leg: Leg, now: datetime) -> tuple[dict, datetime]:
    """The leg as it is stored, and its time: never before the wallet's leg before it, whatever machine wrote that."""
    row: dict = {"account": leg.account, "amount": leg.amount}
    if not leg.account.startswith(WALLET_PREFIX):
        return row, now
    wallet = Wallet.move(int(leg.account.removeprefix(WALLET_PREFIX)), leg.amount, now)
    if wallet is None:
        raise InsufficientFunds
    return row | {"balance_after": wallet["balance"], "seq": wallet["seq"]}, wallet["updated_at"]

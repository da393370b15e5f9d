"""Checks that recharges and their ledger entries tell the same story."""
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from documents.ledger import LedgerEntry
from documents.recharges import DELIVERED, PAID, AttemptStatus, Recharge, Status
from documents.transactions import current_session
from services import ledger
from services.recharge_books import BOOKINGS, commission_account, legs, reference

BATCH = 1_000
OF_RECHARGES = {"$gte": "recharge:", "$lt": "recharge;"}

Entries = dict[str, dict[str, int]]
"""What flows into which account, by the entry's reference."""


def disagreeing_recharges() -> Iterator[str]:
    """Recharges that lack an entry or have another than their attempts ask for, or are in another state than these."""
    for batch in _batches(_recharges({})):
        wanted = {row["_id"]: _wanted(row) for row in batch}
        booked = _booked([name for entries in wanted.values() for name in entries])
        for row in batch:
            for name, sums in wanted[row["_id"]].items():
                if booked.get(name) != sums:
                    yield f"recharge {row['_id']} asks for entry {name} with {sums}, the ledger has {booked.get(name)}"
            if row["payment_status"] != _state(row):
                yield f"recharge {row['_id']} says {row['payment_status']}, its attempts say {_state(row)}"


def stray_recharge_entries() -> Iterator[str]:
    """Entries that speak of a recharge and that no recharge asks for."""
    found = LedgerEntry.collection().find({"reference": OF_RECHARGES}, {"reference": 1}, session=current_session())
    for batch in _batches(found):
        owners = {int(entry["reference"].split(":")[1]) for entry in batch}
        wanted = {name for row in _recharges({"_id": {"$in": list(owners)}}) for name in _wanted(row)}
        yield from (f"no recharge asks for entry {entry['reference']}"
                    for entry in batch if entry["reference"] not in wanted)


def unfolded_commissions() -> Iterator[str]:
    """Distributors whose commission account differs from what their unfolded recharges earned."""
    earned: dict[int, int] = {}
    for row in _recharges({"upline_due": {"$exists": True}}):
        earned[row["upline_due"]] = earned.get(row["upline_due"], 0) + sum(
            attempt["upline"]["amount"] for attempt in row["attempts"] if attempt["status"] in PAID)
    for user_id in earned.keys() | _ever_earned():
        booked = ledger.balance(commission_account(user_id))
        if booked != earned.get(user_id, 0):
            yield (f"{commission_account(user_id)} has {booked}, "
                   f"the recharges that are not folded yet earned {earned.get(user_id, 0)}")


def _ever_earned() -> set[int]:
    """Every user that has a commission account, found in the index of accounts."""
    accounts = LedgerEntry.collection().distinct(
        "legs.account", {"legs.account": {"$gte": "commission:", "$lt": "commission;"}}, session=current_session())
    return {int(account.removeprefix("commission:")) for account in accounts if account.startswith("commission:")}


def _recharges(match: dict) -> Iterator[dict]:
    # Rows, not MongoEngine documents: a grown installation has millions.
    wanted = {"payment_status": 1, "attempts": 1, "upline_due": 1}
    return Recharge.collection().find(match, wanted, session=current_session(), sort=[("_id", 1)])


def _wanted(row: dict) -> Entries:
    """The entries that a recharge asks for."""
    wanted = {}
    for attempt in row["attempts"]:
        for kind in BOOKINGS[attempt["status"]]:
            if booked := legs(kind, _attempt(attempt)):
                wanted[reference(row["_id"], kind, attempt["number"])] = {leg.account: leg.amount for leg in booked}
    return wanted


def _attempt(row: dict) -> Any:
    upline = SimpleNamespace(**row["upline"]) if row.get("upline") else None
    return SimpleNamespace(net=row["net"], wallet=row.get("wallet"), upline=upline, discount=row.get("discount"))


def _state(row: dict) -> Status:
    statuses = [attempt["status"] for attempt in row["attempts"]]
    if AttemptStatus.PENDING in statuses:
        return Status.PENDING
    return Status.SUCCESS if any(status in DELIVERED for status in statuses) else Status.FAILED


def _booked(references: list[str]) -> Entries:
    rows = LedgerEntry.collection().find(
        {"reference": {"$in": references}}, {"reference": 1, "legs": 1}, session=current_session())
    return {row["reference"]: {leg["account"]: leg["amount"] for leg in row["legs"]} for row in rows}


def _batches(rows: Iterable[dict]) -> Iterator[list[dict]]:
    batch: list[dict] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

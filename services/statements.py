"""What happened on wallets: lists of legs for everyone who may see them, and statements of one wallet."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregations import wallets as pipelines
from documents.ledger import LedgerEntry
from documents.listing import DerivedListing, Listing, Order
from documents.permissions import Permission
from documents.users import User
from documents.wallets import Wallet
from services import ledger, wallets
from services.ledger import wallet_account

NEWEST_FIRST = (("created_at", -1), ("_id", -1))
OLDEST_FIRST = [("created_at", 1), ("_id", 1)]


class EveryLeg(DerivedListing):
    """The legs of all wallets, newest first, cut after unwinding because an entry may touch two wallets."""

    def count(self, match: dict) -> int:
        # Each wallet numbers its legs without a gap, so the numbers add up to what a scan of all entries would count.
        sums = Wallet.collection().aggregate([{"$group": {"_id": None, "legs": {"$sum": "$seq"}}}])
        return next((row["legs"] for row in sums), 0)

    def rows(self, match: dict, order: Order, *, skip: int = 0, limit: int) -> list[dict]:
        # The same match before unwinding lets the cursor use the index, after it the legs are told apart.
        return list(LedgerEntry.collection().aggregate([
            {"$match": match}, {"$sort": {"_id": -1}}, *pipelines.WALLET_LEGS, {"$match": match},
            {"$sort": dict(order)}, {"$skip": skip}, {"$limit": limit}, *pipelines.LEG_ROW]))


def transactions(*, viewer: User, wallet_id: int | None = None) -> Listing:
    """The legs of one wallet that `viewer` may see; without `wallet_id` of all for who handles cash, else its own.

    Newest first. Raises NotFound for a wallet of somebody else.
    """
    if wallet_id is None and viewer.can(Permission.HANDLE_CASH):
        return EveryLeg(LedgerEntry, {}, order=(("_id", -1), ("legs.account", -1)), orderings={})
    wallet = wallets.get(wallet_id, viewer=viewer) if wallet_id else wallets.find_wallet(owner=viewer.id)
    account = wallet_account(wallet.id if wallet else 0)
    return Listing(LedgerEntry, {"legs.account": account}, order=NEWEST_FIRST, orderings={"created_at": "created_at"},
                   lookups=pipelines.legs_of(account))


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One wallet over a time span; amounts in minor units of its unit, both ends included."""

    wallet: Wallet
    since: datetime | None
    until: datetime | None
    opening_balance: int
    total_in: int
    total_out: int
    count: int

    @property
    def closing_balance(self) -> int:
        return self.opening_balance + self.total_in - self.total_out

    def rows(self, *, skip: int = 0, limit: int = 0) -> Iterator[dict[str, Any]]:
        """The legs, oldest first; all of them, as they come from the server, without a `limit`."""
        cut: list[dict] = [{"$skip": skip}, *([{"$limit": limit}] if limit else [])]
        return LedgerEntry.collection().aggregate([
            {"$match": _within(self.wallet, self.since, self.until)}, {"$sort": dict(OLDEST_FIRST)}, *cut,
            *pipelines.legs_of(wallet_account(self.wallet.id))])


def statement(*, wallet: Wallet, since: datetime | None = None, until: datetime | None = None) -> Statement:
    """The statement of `wallet` from `since` (included) to `until` (excluded); open ends mean all there is."""
    account = wallet_account(wallet.id)
    sums: dict = next(LedgerEntry.collection().aggregate(
        pipelines.turnover(account, _within(wallet, since, until))), {})
    return Statement(wallet=wallet, since=since, until=until,
                     opening_balance=ledger.balance(account, before=since) if since else 0,
                     total_in=sums.get("total_in", 0), total_out=sums.get("total_out", 0), count=sums.get("count", 0))


def _within(wallet: Wallet, since: datetime | None, until: datetime | None) -> dict:
    bounds = {**({"$gte": since} if since else {}), **({"$lt": until} if until else {})}
    return {"legs.account": wallet_account(wallet.id), **({"created_at": bounds} if bounds else {})}

"""What caused a ledger entry: its reference names the document, and this table says which."""
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bson import ObjectId
from bson.errors import InvalidId

from documents.base import Document
from documents.ledger import LedgerEntry, Seal
from documents.payments import Payment
from documents.purchases import Purchase
from documents.recharges import Recharge
from documents.refunds import Refund
from documents.rewards import Reward
from documents.settlements import Settlement
from documents.staff_actions import StaffAction
from documents.transactions import current_session
from documents.users import User
from documents.wallets import Wallet
from services.ledger import WALLET_PREFIX, wallet_account
from services.payment_books import refund_reference
from services.reward_books import unit_of

MOST_SIBLINGS = 50
MOST_REFUNDS = 20


class Fact(NamedTuple):
    label: str
    value: Any
    shown: str = "plain"
    """How a page writes it: plain, money, badge, person, when, record."""
    of: str | None = None
    """Of money its unit, the installation's currency when absent; of a record its collection."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What made somebody book an entry."""

    name: str
    """In words."""
    collection: str | None = None
    """Where it is listed; absent when it is no document."""
    id: Any = None
    facts: list[Fact] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """How references with one prefix are read."""

    name: str
    document: type[Document]
    facts: Callable[[Any], list[Fact]]
    key: Callable[[str], Any] = str
    """Makes the primary key of what stands behind the prefix; raises ValueError."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an entry stands in the chain of seals."""

    seal: int
    position: int
    """Within the seal, from 1."""
    size: int


def cause_of(entry: LedgerEntry) -> Cause | None:
    """What the reference of `entry` leads to, or None when it leads nowhere."""
    prefix, *parts = entry.reference.split(":")
    origin = ORIGINS.get(prefix)
    if origin is not None:
        found = _find(origin, parts)
        if found is not None:
            return Cause(name=origin.name, collection=found.collection().name, id=found.pk, facts=origin.facts(found))
    action = _action(entry, parts)
    if action is not None:
        return Cause(name="Action at the console", collection=StaffAction.collection().name, id=action.id,
                     facts=_of_action(action))
    if prefix in BY_HAND:
        return Cause(name=BY_HAND[prefix], facts=[Fact("By", entry.actor, "person"), Fact("Memo", entry.memo)])
    return None


def siblings(entry: LedgerEntry) -> list[LedgerEntry]:
    """The other entries of the same cause in order of time, at most `MOST_SIBLINGS`; a payment's with its refunds'."""
    prefix, _, rest = entry.reference.partition(":")
    if prefix not in ORIGINS or prefix == "commission":
        return []
    key = rest.partition(":")[0]
    refunds: list[Refund] = []
    if prefix == "refund":
        found = Refund.find_one({"_id": key})
        prefix, key = ("payment", found.payment) if found else (prefix, key)
    if prefix == "payment":
        refunds = list(Refund.find({"payment": key}, limit=MOST_REFUNDS))
    branches: list[dict] = [{"reference": {"$gte": f"{prefix}:{key}:", "$lt": f"{prefix}:{key};"}},
                            {"reference": {"$in": [refund_reference(refund.id) for refund in refunds]}}]
    rows = LedgerEntry.find({"$or": branches}, limit=MOST_SIBLINGS + 1)
    return sorted((row for row in rows if row.reference != entry.reference),
                  key=lambda row: (row.created_at, row.id))[:MOST_SIBLINGS]


def reversal_of(entry: LedgerEntry) -> LedgerEntry | None:
    """The entry that took this one back."""
    return LedgerEntry.find_one({"reverses": entry.reference})


def place_of(entry: LedgerEntry) -> Place | None:
    """The seal that holds the entry, or None while it is too young for one."""
    rows = Seal.collection().aggregate([
        {"$match": {"entries": entry.id}},
        {"$project": {"position": {"$indexOfArray": ["$entries", entry.id]}, "size": {"$size": "$entries"}}},
    ], session=current_session())
    return next((Place(seal=row["_id"], position=row["position"] + 1, size=row["size"]) for row in rows), None)


def owners_of(entry: LedgerEntry) -> dict[str, int]:
    """Whose the wallets are that the entry touches, by account."""
    ids = [int(leg.account.removeprefix(WALLET_PREFIX)) for leg in entry.legs if leg.account.startswith(WALLET_PREFIX)]
    return {wallet_account(wallet.id): wallet.owner for wallet in Wallet.find({"_id": {"$in": ids}})}


def _find(origin: Origin, parts: list[str]) -> Document | None:
    try:
        return origin.document.find_one({"_id": origin.key(parts[0])})
    except (ValueError, IndexError, InvalidId):
        return None


def _action(entry: LedgerEntry, parts: list[str]) -> StaffAction | None:
    """The line of the audit list whose id stands in the reference: the actions use theirs as the key."""
    return StaffAction.find_one({"_id": {"$in": parts}}) if parts else None


def _of_recharge(recharge: Recharge) -> list[Fact]:
    return [Fact("Customer", recharge.user, "person"), Fact("State", recharge.payment_status, "badge"),
            Fact("Plan", f"{recharge.plan.provider.title}: {recharge.plan.title}"),
            Fact("Phone", recharge.phone_number), Fact("Price", recharge.amount, "money"),
            Fact("Attempts", len(recharge.attempts)), Fact("Reason", recharge.code),
            Fact("Made", recharge.created_at, "when")]


def _of_payment(payment: Payment) -> list[Fact]:
    return [Fact("Payer", payment.user, "person"), Fact("State", payment.status, "badge"),
            Fact("Kind", payment.kind), Fact("Method", payment.method),
            Fact("Merchant", payment.merchant, "record", "merchants"),
            Fact("Amount", payment.amount, "money"), Fact("Discount", payment.discount or None, "money"),
            Fact("Paid", payment.final_amount, "money"), Fact("Refunded", payment.refunded or None, "money"),
            Fact("Made", payment.created_at, "when")]


def _of_refund(refund: Refund) -> list[Fact]:
    return [Fact("Paid back to", refund.user, "person"), Fact("State", refund.status, "badge"),
            Fact("Amount", refund.amount, "money"), Fact("Payment", refund.payment, "record", "payments"),
            Fact("Reason", refund.reason),
            Fact("Decided by", refund.decided_by, "person"), Fact("Asked for", refund.created_at, "when")]


def _of_settlement(settlement: Settlement) -> list[Fact]:
    return [Fact("Merchant", settlement.merchant, "record", "merchants"), Fact("State", settlement.status, "badge"),
            Fact("Transferred", settlement.amount, "money"), Fact("Payers paid", settlement.gross, "money"),
            Fact("Fee", settlement.fee, "money"), Fact("Payments", settlement.payment_count),
            Fact("Closed", settlement.settlement_date, "when")]


def _of_reward(reward: Reward) -> list[Fact]:
    return [Fact("Earned by", reward.user, "person"), Fact("State", reward.status, "badge"),
            Fact("Type", reward.reward_type), Fact("Value", reward.reward_value, "money", unit_of(reward)),
            Fact("Referral", reward.referral, "record", "referrals"), Fact("Why revoked", reward.revoke_reason),
            Fact("Earned", reward.created_at, "when")]


def _of_purchase(purchase: Purchase) -> list[Fact]:
    return [Fact("Customer", purchase.customer, "person"), Fact("State", purchase.status, "badge"),
            Fact("Product", f"{purchase.quantity} × {purchase.product_name}"),
            Fact("Price", purchase.total_price, "money"),
            Fact("Paid", sum(part.paid_amount for part in purchase.installments), "money"),
            Fact("Open", sum(part.due_amount for part in purchase.installments), "money"),
            Fact("Sold", purchase.purchase_date, "when")]


def _of_earner(user: User) -> list[Fact]:
    return [Fact("Earned by", user.id, "person"), Fact("Name", user.full_name or user.login_name),
            Fact("What", "Margins of recharges below, gathered and paid into the wallet")]


def _of_action(action: StaffAction) -> list[Fact]:
    return [Fact("Action", action.name.replace("_", " ")), Fact("About", action.subject),
            Fact("Made by", action.maker, "person"), Fact("Approved by", action.checker, "person"),
            Fact("Reason", action.reason), Fact("Made", action.made_at, "when")]


ORIGINS: dict[str, Origin] = {
    "recharge": Origin(name="Recharge", document=Recharge, key=int, facts=_of_recharge),
    "payment": Origin(name="Payment", document=Payment, facts=_of_payment),
    "refund": Origin(name="Refund", document=Refund, facts=_of_refund),
    "settlement": Origin(name="Settlement", document=Settlement, facts=_of_settlement),
    "reward": Origin(name="Reward", document=Reward, key=ObjectId, facts=_of_reward),
    "purchase": Origin(name="Purchase on instalments", document=Purchase, key=int, facts=_of_purchase),
    "commission": Origin(name="Commission", document=User, key=int, facts=_of_earner),
}
"""By the first part of the reference."""

BY_HAND: dict[str, str] = {
    "wallet.funded": "Funded by hand",
    "wallet.debited": "Paid out by hand",
    "wallet.transferred": "Transferred by its owner",
    "entry.reversed": "Reversed by hand",
    "demo": "Opening balance of the demo data",
}
"""Entries that a person's wish caused, and no document; one made at the console has its line in the audit list."""

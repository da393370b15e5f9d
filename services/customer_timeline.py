"""One customer's timeline: everything that is known about a person in one list, newest first, a page at a time."""
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregations import customers as pipelines
from aggregations.customers import Position, Source
from config.connections import database
from documents.coupon_assignments import CouponAssignment
from documents.errors import Invalid
from documents.ledger import LedgerEntry
from documents.listing import cursor_of, position
from documents.messages import Message
from documents.payments import Payment
from documents.purchases import Purchase
from documents.push_subscriptions import PushSubscription
from documents.recharges import Recharge
from documents.redemptions import Redemption
from documents.refunds import Refund
from documents.rewards import Reward
from documents.sessions import Session
from documents.staff_actions import StaffAction
from documents.tickets import Ticket
from documents.transactions import current_session
from documents.users import ADDRESSES, User
from documents.voucher_usages import VoucherUsage
from documents.vouchers import Voucher
from documents.wallets import Wallet
from services.ledger import wallet_account

PAGE = 30
LONGEST_MS = 2_000
BROWSERS = 20
KINDS = ("ledger", "recharges", "purchases", "payments", "refunds", "coupons", "vouchers", "rewards", "sessions",
         "messages", "tickets", "staff")
"""What the timeline can be narrowed to, in the order of the choice."""
_CODE = [
    {"$lookup": {"from": "coupons", "localField": "coupon", "foreignField": "_id", "as": "known",
                 "pipeline": [{"$project": {"code": 1}}]}},
    {"$set": {"code": {"$first": "$known.code"}}},
]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One thing that happened; `row` holds the stored fields that its source names."""

    source: str
    at: datetime
    id: Any
    row: dict


@dataclass(frozen=True, kw_only=True)
class Timeline:
    moments: list[Moment]
    older: str | None
    """The cursor of the page after this one; None at the end."""


def page(*, user: User, kinds: Collection[str] = (), cursor: str | None = None, limit: int = PAGE) -> Timeline:
    """The newest `limit` moments of `user` behind `cursor`, of all kinds or those named; one query of the server.

    Nothing is skipped or repeated between pages, however much happened at the same moment. Raises Invalid for a
    cursor that is not one of this list.
    """
    before = _position(cursor) if cursor else None
    chosen = [source for source in sources(user) if not kinds or source.kind in kinds]
    rows = _run(chosen, pipelines.merged(chosen, before=before, limit=limit + 1)) if chosen else []
    moments = [Moment(source=row["source"], at=row["at"], id=row["id"], row=row["row"]) for row in rows[:limit]]
    older = cursor_of(rows[limit - 1], list(pipelines.ORDER.items())) if len(rows) > limit else None
    return Timeline(moments=moments, older=older)


def totals(*, user: User) -> dict[str, int]:
    """How many moments of each kind there are, counted up to `aggregations.customers.COUNTED_TO` a source."""
    found = dict.fromkeys(KINDS, 0)
    chosen = sources(user)
    for row in _run(chosen, pipelines.counts(chosen)):
        found[row["kind"]] += row["count"]
    return found


def sources(user: User) -> list[Source]:
    """Everywhere that something about `user` is kept; what the person cannot have is left out."""
    accounts = [wallet_account(row["_id"]) for row in _rows(Wallet, {"owner": user.id}, 10)]
    proven = user.proven_addresses()
    addresses = [getattr(user, name) for name in ADDRESSES if getattr(user, name)]
    browsers = [row["_id"] for row in _rows(PushSubscription, {"user": user.id}, BROWSERS)]
    phones = [user.phone] if user.phone in proven else []
    own = [{"user": user.id}]
    every: list[tuple] = [
        ("entry", "ledger", LedgerEntry, [{"legs.account": account} for account in accounts],
         ("kind", "reference", "unit", "legs", "memo", "actor", "reverses")),
        ("recharge", "recharges", Recharge, own,
         ("amount", "phone_number", "payment_status", "code", "plan.title", "plan.provider.title", "payment_method",
          "needs_attention")),
        ("purchase", "purchases", Purchase, [{"customer": user.id}],
         ("product_name", "quantity", "total_price", "status", "installments"), "purchase_date"),
        ("payment", "payments", Payment, own,
         ("kind", "amount", "discount", "final_amount", "status", "method", "merchant", "refunded", "purpose.kind")),
        ("refund", "refunds", Refund, own, ("amount", "status", "payment", "method", "reason", "code")),
        ("assignment", "coupons", CouponAssignment, [{"phone": phone} for phone in phones],
         ("coupon", "code", "created_by"), "created_at", _CODE),
        ("redemption", "coupons", Redemption, own,
         ("coupon", "code", "subject", "kind", "discount", "order_amount", "status")),
        ("voucher", "vouchers", Voucher, [{"buyer": user.id}, {"owner": user.id}],
         ("type.name", "buyer", "owner", "payment", "paid", "usage_count", "uses_left", "expires_at", "cancelled_at"),
         "issued_at"),
        ("voucher_use", "vouchers", VoucherUsage, own,
         ("voucher", "voucher_type_name", "owner", "service_type"), "used_at"),
        ("reward", "rewards", Reward, own,
         ("reward_type", "reward_value", "reward_unit", "status", "is_held", "role", "referral", "revoke_reason")),
        ("session", "sessions", Session, own, ("device", "address", "expires_at", "console", "proved")),
        ("message", "messages", Message, [{"to": to} for to in (*addresses, *browsers)],
         ("channel", "to", "subject", "status", "attempts", "sent_at")),
        ("ticket", "tickets", Ticket, own, ("issue_type", "description", "status", "assigned_to", "transaction")),
        ("staff_action", "staff", StaffAction, own,
         ("name", "subject", "status", "maker", "checker", "reason", "amount", "unit", "refusal"), "made_at"),
    ]
    return [_source(rank, *described) for rank, described in enumerate(every) if described[3]]


def _source(rank: int, name: str, kind: str, document: Any, branches: list[dict], fields: tuple[str, ...],
            at: str = "created_at", lookups: Collection[dict] = ()) -> Source:
    return Source(name=name, kind=kind, rank=rank, collection=document.collection().name, branches=branches,
                  fields=fields, at=at, lookups=tuple(lookups))


def _position(cursor: str) -> Position:
    at, rank, moment = position(cursor, len(pipelines.ORDER))
    if not isinstance(at, datetime) or not isinstance(rank, int):
        raise Invalid.field("cursor", "Not a cursor of this list.")
    return Position(at, rank, moment)


def _rows(document: Any, match: dict, limit: int) -> list[dict]:
    return document.collection().find(match, {"_id": 1}, session=current_session(), limit=limit).to_list()


def _run(chosen: list[Source], stages: list[dict]) -> list[dict]:
    return database()[chosen[0].collection].aggregate(
        stages, session=current_session(), maxTimeMS=LONGEST_MS).to_list()

"""What the console's first page counts: money over the border of the house, liabilities, and what waits."""
from collections.abc import Collection
from datetime import datetime

from aggregations.purchase_reports import Span
from documents.purchases import Status as Due
from documents.recharges import Status


def crossed(accounts: Collection[str], since: datetime, until: datetime) -> list[dict]:
    """On ledger entries: one row, `came` in through outside `accounts` and `went` out through them, minor units.

    An outside account is below zero by what came in through it. Index: ledger_entries(legs.account, created_at).
    """
    outside = {"$in": sorted(accounts)}
    came = {"$max": [0, {"$subtract": [0, "$legs.amount"]}]}
    return [
        {"$match": {"legs.account": outside, "created_at": {"$gte": since, "$lt": until}}},
        {"$project": {"_id": 0, "legs.account": 1, "legs.amount": 1}},
        {"$unwind": "$legs"}, {"$match": {"legs.account": outside}},
        {"$group": {"_id": None, "came": {"$sum": came}, "went": {"$sum": {"$max": [0, "$legs.amount"]}}}}]


def liability(unit: str) -> list[dict]:
    """On wallets: one row, the `balance` of all of them. Read from wallets(unit, balance) alone.

    One unit at a time: with the unit in the group the server takes twice as long.
    """
    return [{"$match": {"unit": unit, "balance": {"$gt": 0}}},
            {"$group": {"_id": None, "balance": {"$sum": "$balance"}}}]


def recharge_states(since: datetime, until: datetime) -> list[dict]:
    """On recharges: `{_id: {status, provider}, count}` of those made in the span.

    Read from recharges(payment_status, created_at, plan.provider.id) alone.
    """
    return [{"$match": {"payment_status": {"$in": [*Status]}, "created_at": {"$gte": since, "$lt": until}}},
            {"$project": {"_id": 0, "payment_status": 1, "plan.provider.id": 1}},
            {"$group": {"_id": {"status": "$payment_status", "provider": "$plan.provider.id"}, "count": {"$sum": 1}}}]


def pending(most: int) -> list[dict]:
    """On recharges: one row, how many are `pending` and how many of those need `attention`, of at most `most`.

    Index: recharges(payment_status, created_at).
    """
    return [{"$match": {"payment_status": Status.PENDING.value}}, {"$limit": most},
            {"$group": {"_id": None, "pending": {"$sum": 1},
                        "attention": {"$sum": {"$cond": ["$needs_attention", 1, 0]}}}}]


def overdue(now: datetime, most: int) -> list[dict]:
    """On purchases: one row, how many instalments are late and what is due on them, of at most `most` purchases.

    Index: purchases(open_installments).
    """
    late = {"status": Due.DUE.value, "due_date": {"$lt": now}}
    return [{"$match": {"installments": {"$elemMatch": late}}}, {"$limit": most},
            {"$project": {"late": {"$filter": {"input": "$installments", "as": "one", "cond": {"$and": [
                {"$eq": ["$$one.status", Due.DUE.value]}, {"$lt": ["$$one.due_date", now]}]}}}}},
            {"$group": {"_id": None, "count": {"$sum": {"$size": "$late"}},
                        "amount": {"$sum": {"$sum": "$late.due_amount"}}}}]


def sums(match: dict, most: int) -> list[dict]:
    """One row: how many of at most `most` documents meet `match`, and the sum of their amounts."""
    return [{"$match": match}, {"$limit": most},
            {"$group": {"_id": None, "count": {"$sum": 1}, "amount": {"$sum": "$amount"}}}]


def shop_takings(span: Span, timezone: str) -> list[dict]:
    """On purchases: `{_id: {day, product}, name, amount}`, what was paid for each product on each day, fees included.

    Index: purchases(installments.payments.at).
    """
    return [
        {"$match": {"installments.payments": {"$elemMatch": {"at": span.bounds}}}},
        {"$project": {"product": 1, "product_name": 1, "paid": {"$reduce": {
            "input": "$installments.payments", "initialValue": [], "in": {"$concatArrays": ["$$value", {"$filter": {
                "input": "$$this", "as": "payment", "cond": span.holds("$$payment.at")}}]}}}}},
        {"$unwind": "$paid"},
        {"$group": {"_id": {"day": day_of("$paid.at", timezone), "product": "$product"},
                    "name": {"$last": "$product_name"},
                    "amount": {"$sum": {"$add": ["$paid.amount", "$paid.fee"]}}}}]


def by_day(moment: str, timezone: str, key: str) -> list[dict]:
    """From rows with an amount to `{_id: {day, product}, amount}`; `key` is the field that says the product."""
    return [{"$group": {"_id": {"day": day_of(moment, timezone), "product": key}, "amount": {"$sum": "$amount"}}}]


def day_of(moment: str, timezone: str) -> dict:
    """The calendar day of a field, such as "2026-11-21"."""
    return {"$dateToString": {"date": moment, "format": "%Y-%m-%d", "timezone": timezone}}


def referred(span: str, first: str, last: str) -> list[dict]:
    """On rollups: `{_id: start, count}`, how many were referred in each span of time from `first` to `last`.

    Read from referral_rollups(span, start, count) alone.
    """
    return [{"$match": {"span": span, "start": {"$gte": first, "$lte": last}, "count": {"$gt": 0}}},
            {"$project": {"_id": 0, "start": 1, "count": 1}},
            {"$group": {"_id": "$start", "count": {"$sum": "$count"}}}, {"$sort": {"_id": 1}}]

"""What is owed to a merchant and stands in no settlement yet, and what stands in one."""
from datetime import datetime

_HOUSE_DISCOUNT = {"$cond": [{"$eq": ["$coupon.funded_by", "house"]}, "$discount", 0]}


def _if_cash(amount: str) -> dict:
    return {"$cond": [{"$eq": ["$method", "cash"]}, amount, 0]}


def payment_sums(match: dict) -> list[dict]:
    """One row: what the payments that meet `match` are worth to their merchant."""
    return [{"$match": match}, {"$group": {
        "_id": None, "payment_count": {"$sum": 1}, "gross": {"$sum": "$captured"},
        "subsidy": {"$sum": _HOUSE_DISCOUNT}, "cash": {"$sum": _if_cash("$captured")}}}]


def refund_sums(match: dict) -> list[dict]:
    """One row: what the refunds that meet `match` took from their merchant."""
    return [{"$match": match}, {"$group": {
        "_id": None, "refund_count": {"$sum": 1}, "refunds": {"$sum": {"$add": ["$amount", "$subsidy"]}},
        "cash_back": {"$sum": _if_cash("$amount")}}}]


def unsettled(merchant_id: int, before: datetime | None = None) -> dict:
    """The filter for a merchant's payments or refunds that wait for a settlement; completed before `before`.

    Index: to_settle, partial and as long as what waits.
    """
    match: dict = {"to_settle": True, "merchant": merchant_id}
    return match if before is None else match | {"completed_at": {"$lt": before}}


def statement(settlement_id: str) -> list[dict]:
    """Each payment and refund of a settlement as one line, in the order they were completed.

    Run on payments. Indexes: payments(settlement, _id), refunds(settlement, _id).
    """
    return [
        {"$match": {"settlement": settlement_id}},
        {"$project": {"type": {"$literal": "payment"}, "payment": "$_id", "method": 1, "completed_at": 1,
                      "amount": "$captured", "subsidy": _HOUSE_DISCOUNT, "notes": 1}},
        {"$unionWith": {"coll": "refunds", "pipeline": [
            {"$match": {"settlement": settlement_id}},
            {"$project": {"type": {"$literal": "refund"}, "payment": 1, "method": 1, "completed_at": 1,
                          "amount": {"$multiply": ["$amount", -1]}, "subsidy": {"$multiply": ["$subsidy", -1]},
                          "notes": "$reason"}}]}},
        {"$set": {"net": {"$add": ["$amount", "$subsidy"]}}},
        {"$sort": {"completed_at": 1, "_id": 1}},
    ]

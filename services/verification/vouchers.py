"""Checks that vouchers, the payments for them and their usages tell the same story."""
from collections.abc import Iterator

from documents.payments import PAID, Payment
from documents.transactions import current_session
from documents.vouchers import Voucher
from services.voucher_issue import PURPOSE


def misissued_vouchers() -> Iterator[str]:
    """Paid payments for vouchers with another number of them, or whose shares do not add up to what was taken."""
    found = Payment.collection().aggregate([
        {"$match": {"purpose.kind": PURPOSE, "status": {"$in": [*PAID]}, "withheld": None}},
        {"$lookup": {"from": "vouchers", "localField": "_id", "foreignField": "payment", "as": "vouchers",
                     "pipeline": [{"$project": {"paid": 1}}]}},
        {"$set": {"issued": {"$size": "$vouchers"}, "shares": {"$sum": "$vouchers.paid"}}},
        {"$match": {"$expr": {"$or": [{"$ne": ["$issued", "$purpose.quantity"]}, {"$ne": ["$shares", "$captured"]}]}}},
    ], session=current_session())
    yield from (f"payment {row['_id']} took {row['captured']} for {row['purpose']['quantity']} vouchers, "
                f"there are {row['issued']} for {row['shares']}" for row in found)


def unpaid_vouchers() -> Iterator[str]:
    """Vouchers without a paid payment, and cancelled ones of a payment that gave nothing back."""
    found = Voucher.collection().aggregate([
        {"$group": {"_id": "$payment", "cancelled": {"$sum": {"$cond": [{"$gt": ["$cancelled_at", None]}, 1, 0]}}}},
        {"$lookup": {"from": "payments", "localField": "_id", "foreignField": "_id", "as": "of",
                     "pipeline": [{"$match": {"status": {"$in": [*PAID]}}},
                                  {"$project": {"back": {"$add": ["$refunded", "$refunding"]}, "captured": 1}}]}},
        {"$match": {"$or": [{"of": []}, {"cancelled": {"$gt": 0}, "of.back": 0, "of.captured": {"$gt": 0}}]}},
    ], session=current_session())
    for row in found:
        yield (f"vouchers of payment {row['_id']} are cancelled, and it gave nothing back" if row["of"]
               else f"vouchers of payment {row['_id']}, which is not paid")


def miscounted_usages() -> Iterator[str]:
    """Vouchers whose uses differ from their usages, or that were cancelled after a use."""
    found = Voucher.collection().aggregate([
        {"$lookup": {"from": "voucher_usages", "localField": "_id", "foreignField": "voucher", "as": "usages",
                     "pipeline": [{"$project": {"_id": 1}}]}},
        {"$set": {"usages": {"$size": "$usages"}}},
        {"$match": {"$or": [{"$expr": {"$ne": ["$usages", "$usage_count"]}},
                            {"$expr": {"$ne": [{"$add": ["$usage_count", "$uses_left"]}, "$type.usage_limit"]}},
                            {"usage_count": {"$gt": 0}, "cancelled_at": {"$ne": None}}]}},
    ], session=current_session())
    yield from (f"voucher {row['_id']} says {row['usage_count']} uses, there are {row['usages']}" for row in found)

"""Which distributors and retailers have crossed the low-balance line since somebody last looked."""
from documents.permissions import UserType


def crossings(*, unit: str, threshold: int, limit: int) -> list[dict]:
    """Users whose wallet's side of `threshold` (minor units) differs from their mark: `{_id, balance, low}`.

    A wallet that never held money has crossed nothing. Indexes: users(user_type), wallets(owner, unit), marks(_id).
    """
    return [
        {"$match": {"user_type": {"$in": [UserType.DISTRIBUTOR.value, UserType.RETAILER.value]}, "is_active": True}},
        {"$lookup": {"from": "wallets", "localField": "_id", "foreignField": "owner", "as": "wallet",
                     "pipeline": [{"$match": {"unit": unit, "seq": {"$gt": 0}}}, {"$project": {"balance": True}}]}},
        {"$unwind": "$wallet"},
        {"$lookup": {"from": "low_balance_marks", "localField": "_id", "foreignField": "_id", "as": "mark"}},
        {"$project": {"balance": "$wallet.balance", "low": {"$lt": ["$wallet.balance", threshold]},
                      "told": {"$ifNull": [{"$first": "$mark.is_low"}, False]}}},
        {"$match": {"$expr": {"$ne": ["$low", "$told"]}}},
        {"$limit": limit},
    ]

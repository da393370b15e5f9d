"""Users as lists show them."""


def with_wallet(unit: str) -> list[dict]:
    """Each user's wallet in `unit` as `wallet` (a list of none or one). Index: wallets(owner, unit)."""
    return [{"$lookup": {"from": "wallets", "let": {"owner": "$_id"}, "as": "wallet", "pipeline": [
        {"$match": {"$expr": {"$and": [{"$eq": ["$owner", "$$owner"]}, {"$eq": ["$unit", unit]}]}}},
        {"$project": {"balance": True}}]}}]

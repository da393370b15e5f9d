"""The read-only Mongo views that `flask db sync` publishes for people in the Mongo shell."""
from aggregations.installment_views import OVERDUE, collections
from aggregations.merchants import TOP_MERCHANTS, UNSETTLED
from aggregations.referral_views import HELD, TREE, leaderboard

WALLET_DRIFT: list[dict] = [
    {"$set": {"account": {"$concat": ["wallet:", {"$toString": "$_id"}]}}},
    {"$lookup": {"from": "ledger_entries", "localField": "account", "foreignField": "legs.account", "as": "fold",
                 "let": {"account": "$account"}, "pipeline": [
                     {"$unwind": "$legs"},
                     {"$match": {"$expr": {"$eq": ["$legs.account", "$$account"]}}},
                     {"$group": {"_id": None, "sum": {"$sum": "$legs.amount"}, "legs": {"$sum": 1}}}]}},
    {"$set": {"booked": {"$ifNull": [{"$first": "$fold.sum"}, 0]}, "legs": {"$ifNull": [{"$first": "$fold.legs"}, 0]}}},
    {"$match": {"$expr": {"$or": [{"$ne": ["$booked", "$balance"]}, {"$ne": ["$legs", "$seq"]}]}}},
    {"$unset": ["fold", "account"]},
]
"""Wallets whose balance or leg count differs from their entries; empty when the books are right."""

VIEWS: dict[str, tuple[str, list[dict]]] = {
    "ops_top_merchants": ("merchant_days", TOP_MERCHANTS),
    "ops_settlements_due": ("payments", UNSETTLED),
    "ops_wallet_drift": ("wallets", WALLET_DRIFT),
    "ops_overdue": ("purchases", OVERDUE),
    "ops_referral_tree": ("users", TREE),
    "ops_rewards_held": ("rewards", HELD),
}
"""View name -> (source collection, pipeline)."""


def views(timezone: str) -> dict[str, tuple[str, list[dict]]]:
    """All views of an installation whose months and days are those of `timezone`."""
    return {**VIEWS, "ops_leaderboard": ("referral_rollups", leaderboard(timezone)),
            "ops_collections": ("purchases", collections(timezone))}

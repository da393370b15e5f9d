"""Users as lists show them."""


WITH_WALLETS: list[dict] = [
    # Without a pipeline of its own: the server joins the faster for it, and nobody has more than two.
    {"$lookup": {"from": "wallets", "localField": "_id", "foreignField": "owner", "as": "wallets"}},
]
"""Each user's wallets, one a unit, as `wallets`. Index: wallets(owner, unit)."""

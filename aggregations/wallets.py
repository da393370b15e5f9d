"""Rows of wallets and of their legs, as lists and statements show them."""

_COPIES = {"owner_email": "email", "owner_type": "user_type"}
"""What a wallet copies of its owner."""

MISNAMED: list[dict] = [
    {"$lookup": {"from": "users", "localField": "owner", "foreignField": "_id", "as": "user"}},
    {"$set": {"user": {"$first": "$user"}}},
    {"$project": {copy: {"is": {"$ifNull": [f"${copy}", None]}, "should": {"$ifNull": [f"$user.{fact}", None]}}
                  for copy, fact in _COPIES.items()}},
    {"$match": {"$expr": {"$or": [{"$ne": [f"${copy}.is", f"${copy}.should"]} for copy in _COPIES]}}},
]
"""Wallets that name another e-mail or role than their owner has, with what they say and should. Index: users(_id)."""

RENAME: dict = {"$merge": {"into": "wallets", "whenNotMatched": "discard", "let": {"copy": "$$ROOT"}, "whenMatched": [
    # Only what still says what was read: a change of the user that has committed meanwhile knows better.
    {"$set": {copy: {"$cond": [{"$eq": [{"$ifNull": [f"${copy}", None]}, f"$$copy.{copy}.is"]},
                               f"$$copy.{copy}.should", f"${copy}"]} for copy in _COPIES}},
]}}
"""Puts right what `MISNAMED` found."""

WALLET_LEGS: list[dict] = [
    {"$unwind": "$legs"},
    {"$match": {"legs.seq": {"$gt": 0}}},
]
"""One row for each wallet leg of the entries so far."""

LEG_ROW: list[dict] = [
    {"$set": {"wallet": {"$toInt": {"$arrayElemAt": [{"$split": ["$legs.account", ":"]}, 1]}}}},
    {"$lookup": {"from": "wallets", "localField": "wallet", "foreignField": "_id", "as": "owner",
                 "pipeline": [{"$project": {"owner": 1}}]}},
    {"$set": {"owner": {"$first": "$owner.owner"}}},
    {"$lookup": {"from": "users", "localField": "owner", "foreignField": "_id", "as": "wallet_user",
                 "pipeline": [{"$project": {"email": 1}}]}},
    {"$lookup": {"from": "users", "localField": "actor", "foreignField": "_id", "as": "created_by",
                 "pipeline": [{"$project": {"email": 1}}]}},
    {"$project": {
        "kind": 1, "reference": 1, "memo": 1, "created_at": 1, "unit": 1, "wallet": 1, "legs.account": 1,
        "signed": "$legs.amount", "amount": {"$abs": "$legs.amount"},
        "balance_after": "$legs.balance_after", "seq": "$legs.seq",
        "wallet_user": {"$first": "$wallet_user.email"}, "created_by_email": {"$first": "$created_by.email"},
        "transaction_type": {"$cond": [{"$gt": ["$legs.amount", 0]}, "add_to_wallet", "debit_from_wallet"]}}},
]
"""What a wallet leg looks like in a list; run on one page. Indexes: wallets(_id), users(_id)."""


def legs_of(account: str) -> list[dict]:
    """The one leg that each of the page's entries has on `account`, as a row."""
    return [{"$unwind": "$legs"}, {"$match": {"legs.account": account}}, *LEG_ROW]


def turnover(account: str, match: dict) -> list[dict]:
    """What went into and out of `account` over the entries that meet `match`.

    Index: ledger_entries(legs.account, created_at, _id).
    """
    amount = "$legs.amount"
    return [
        {"$match": match}, {"$unwind": "$legs"}, {"$match": {"legs.account": account}},
        {"$group": {"_id": None,
                    "total_in": {"$sum": {"$cond": [{"$gt": [amount, 0]}, amount, 0]}},
                    "total_out": {"$sum": {"$cond": [{"$lt": [amount, 0]}, {"$multiply": [amount, -1]}, 0]}},
                    "count": {"$sum": 1}}},
    ]

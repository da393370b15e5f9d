"""Rows of margins as lists show them."""

WITH_PEOPLE: list[dict] = [
    {"$lookup": {"from": "users", "localField": "_id", "foreignField": "_id", "as": "user",
                 "pipeline": [{"$project": {"email": 1, "user_type": 1}}]}},
    {"$lookup": {"from": "users", "localField": "set_by", "foreignField": "_id", "as": "setter",
                 "pipeline": [{"$project": {"email": 1}}]}},
    {"$set": {"user_email": {"$first": "$user.email"}, "user_type": {"$toString": {"$first": "$user.user_type"}},
              "admin_email": {"$first": "$setter.email"}}},
    {"$unset": ["user", "setter"]},
]
"""Adds whose margin it is and who set it; run on one page of margins. Index: users(_id)."""

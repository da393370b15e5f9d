"""The shop's questions as Mongo views, for people in the Mongo shell."""
from aggregations.purchase_reports import month_of
from documents.purchases import Status

_UNPAID = {"installments.status": Status.DUE.value}

OVERDUE: list[dict] = [
    {"$match": _UNPAID}, {"$unwind": "$installments"},
    {"$match": {**_UNPAID, "$expr": {"$lt": ["$installments.due_date", "$$NOW"]}}},
    {"$lookup": {"from": "users", "localField": "customer", "foreignField": "_id", "as": "user",
                 "pipeline": [{"$project": {"email": 1, "phone": 1}}]}},
    {"$project": {
        "_id": "$installments.id", "purchase": "$_id", "customer": 1, "product_name": 1,
        "email": {"$first": "$user.email"}, "phone": {"$first": "$user.phone"}, "number": "$installments.number",
        "due_amount": "$installments.due_amount", "due_date": "$installments.due_date",
        "waived": {"$ne": [{"$type": "$installments.waiver"}, "missing"]},
        "days_late": {"$dateDiff": {"startDate": "$installments.due_date", "endDate": "$$NOW", "unit": "day"}}}},
]
"""Unpaid instalments whose due moment has passed; amounts in minor units. Index: purchases(open_installments)."""


def collections(timezone: str) -> list[dict]:
    """What was collected in each month of `timezone` by each method, in minor units."""
    return [
        {"$project": {"installments.payments": 1}}, {"$unwind": "$installments"}, {"$unwind": "$installments.payments"},
        {"$replaceWith": "$installments.payments"},
        {"$group": {"_id": {"month": month_of("$at", timezone), "method": "$method"}, "payments": {"$sum": 1},
                    "goods": {"$sum": "$amount"}, "late_fees": {"$sum": "$fee"}}},
        {"$project": {"_id": 0, "month": "$_id.month", "method": "$_id.method", "payments": 1, "goods": 1,
                      "late_fees": 1, "total": {"$add": ["$goods", "$late_fees"]}}},
    ]

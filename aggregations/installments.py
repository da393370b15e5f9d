"""Instalments taken out of the purchases that hold them."""
from documents.purchases import Status

ROW: list[dict] = [
    {"$replaceWith": {"$mergeObjects": [
        {"purchase": "$_id", "customer": "$customer", "product_name": "$product_name", "quantity": "$quantity",
         "total_price": "$total_price"}, "$installments"]}},
    {"$unset": "payments"},
]
"""One instalment with what its row tells of the purchase; run after `apart`."""


def apart(match: dict) -> list[dict]:
    """One row for each instalment that meets `match` (fields of the purchase, or `installments.…`).

    Index: purchases(customer, _id).
    """
    return [{"$match": match}, {"$unwind": "$installments"}, {"$match": match}]


def first_open(customer: int) -> list[dict]:
    """The customer's unpaid instalment that is due first. Index: purchases(customer, status)."""
    return [{"$match": {"customer": customer, "status": Status.DUE.value}},
            {"$unwind": "$installments"}, {"$match": {"installments.status": Status.DUE.value}},
            {"$sort": {"installments.due_date": 1, "installments.id": 1}}, {"$limit": 1}, *ROW]

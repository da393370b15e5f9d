"""What customers bought, paid and owe in a span of time: one round trip each, over indexed fields."""
from datetime import datetime
from typing import NamedTuple

from documents.purchases import Status

LOGIN_NAME = {"$ifNull": ["$username", {"$ifNull": ["$email", {"$ifNull": ["$phone", ""]}]}]}
FIGURES = ("total_paid_amount", "total_due_amount", "total_purchase_count", "total_product_quantity",
           "total_installment_count", "fully_paid_purchases", "due_purchases")


class Span(NamedTuple):
    """From `since` (included) to `until` (excluded)."""

    since: datetime
    until: datetime

    @property
    def bounds(self) -> dict:
        return {"$gte": self.since, "$lt": self.until}

    def holds(self, moment: str) -> dict:
        """Whether the field or variable `moment` lies in it, as an expression."""
        return {"$and": [{"$gte": [moment, self.since]}, {"$lt": [moment, self.until]}]}


def customers(span: Span, match: dict, cut: list[dict]) -> list[dict]:
    """On purchases: one row for each user that meets `match`, whether it bought anything or not.

    `cut` are stages that choose among the users before their figures are added.

    Indexes: purchases(purchase_date), purchases(installments.due_date), purchases(installments.payments.at),
    users(_id).
    """
    return [
        {"$match": _touched(span)}, *_figures(span), {"$group": {"_id": "$customer", **_sums()}},
        # A purchase only knows its customer's id; grouping once more is far quicker than a lookup for each customer.
        {"$unionWith": {"coll": "users", "pipeline": [
            {"$match": {"$and": [{"_id": {"$gte": 0}}, match]}}, *cut,
            {"$project": {"username": LOGIN_NAME, "email": {"$ifNull": ["$email", ""]},
                          "is_user": {"$literal": True}}}]}},
        {"$group": {"_id": "$_id", "username": {"$max": "$username"}, "email": {"$max": "$email"},
                    "is_user": {"$max": "$is_user"}, **{name: {"$sum": f"${name}"} for name in FIGURES}}},
        {"$match": {"is_user": True}},
        {"$set": {"overall_status": {"$switch": {"branches": [
            {"case": {"$eq": ["$total_purchase_count", 0]}, "then": "n/a"},
            {"case": {"$gt": ["$due_purchases", 0]}, "then": Status.DUE.value}], "default": Status.PAID.value}}}},
    ]


def months(span: Span, timezone: str) -> list[dict]:
    """On purchases: `{_id: "2026-11", total_purchases, total_paid, total_due}` for each month that has any.

    Indexes: as for `customers`, and purchases(open_installments): nothing is due on what is paid.
    """
    first, *others = months_apart(span, timezone)
    return [
        *first, *({"$unionWith": {"coll": "purchases", "pipeline": other}} for other in others),
        {"$group": {"_id": "$_id", **{name: {"$sum": f"${name}"} for name in (
            "total_purchases", "total_paid", "total_due")}}},
    ]


def months_apart(span: Span, timezone: str) -> list[list[dict]]:
    """The parts of `months`, each with one of its sums, the longest first."""
    dues = {"$filter": {"input": "$installments", "as": "part", "cond": {"$and": [
        {"$eq": ["$$part.status", Status.DUE.value]}, span.holds("$$part.due_date")]}}}
    payments = {"$reduce": {"input": "$installments.payments", "initialValue": [], "in": {"$concatArrays": [
        "$$value", {"$filter": {"input": "$$this", "as": "payment", "cond": span.holds("$$payment.at")}}]}}}
    return [
        # Choosing before taking apart halves the time: most of a purchase lies outside the span.
        [{"$match": _any_payment(span)}, {"$project": {"found": payments}}, {"$unwind": "$found"},
         _by_month("$found.at", timezone, total_paid={"$add": ["$found.amount", "$found.fee"]})],
        [{"$match": {"installments": {"$elemMatch": {"status": Status.DUE.value, "due_date": span.bounds}}}},
         {"$project": {"found": dues}}, {"$unwind": "$found"},
         _by_month("$found.due_date", timezone, total_due="$found.due_amount")],
        [{"$match": {"purchase_date": span.bounds}},
         _by_month("$purchase_date", timezone, total_purchases="$total_price")],
    ]


def customer(customer_id: int, span: Span) -> list[dict]:
    """On purchases: what one customer bought, paid and owes. Index: purchases(customer, _id)."""
    return [{"$match": {"customer": customer_id}}, *_figures(span), {"$group": {
        "_id": None, **{name: _sums()[f"{name}_amount"] for name in ("total_paid", "total_due")},
        "total_purchase": _sums()["total_purchase_count"],
        "installment_left": {"$sum": _count_dues(Status.DUE)}, "installment_paid": {"$sum": _count_dues(Status.PAID)}}}]


def people(span: Span) -> list[dict]:
    """On users: how many there are and how many proved an address. Index: users(user_type, date_joined)."""
    verified = {"$cond": ["$is_verified", 1, 0]}
    return [{"$match": {"user_type": {"$gte": 1}, "date_joined": span.bounds, "deleted_at": None}},
            {"$group": {"_id": None, "total_users": {"$sum": 1}, "verified_users": {"$sum": verified},
                        "not_verified_users": {"$sum": {"$subtract": [1, verified]}}}}]


def products(span: Span) -> list[dict]:
    """On products: how many are on sale. Index: products(is_active, created_at)."""
    return [{"$match": {"is_active": True, "created_at": span.bounds}}, {"$count": "total_products"}]


def month_of(moment: str, timezone: str) -> dict:
    """The calendar month of a field, such as "2026-11"."""
    return {"$dateToString": {"date": moment, "format": "%Y-%m", "timezone": timezone}}


def _by_month(moment: str, timezone: str, **sums: object) -> dict:
    return {"$group": {"_id": month_of(moment, timezone), **{name: {"$sum": value} for name, value in sums.items()}}}


def _touched(span: Span) -> dict:
    return {"$or": [{"purchase_date": span.bounds}, _any_due(span), _any_payment(span)]}


def _any_due(span: Span) -> dict:
    # $elemMatch, or the index would be read from one end only: each bound could be met by another element.
    return {"installments": {"$elemMatch": {"due_date": span.bounds}}}


def _any_payment(span: Span) -> dict:
    return {"installments.payments": {"$elemMatch": {"at": span.bounds}}}


def _figures(span: Span) -> list[dict]:
    """From a purchase: whether it is `new` in the span, its instalments due (`dues`) and the money `paid` in it."""
    return [{"$project": {
        "customer": 1, "quantity": 1, "status": 1, "new": span.holds("$purchase_date"),
        "dues": {"$filter": {"input": "$installments", "as": "part", "cond": span.holds("$$part.due_date")}},
        "paid": {"$sum": {"$map": {"input": "$installments.payments", "as": "payments", "in": {"$sum": {
            "$map": {"input": "$$payments", "as": "payment", "in": {"$cond": [
                span.holds("$$payment.at"), {"$add": ["$$payment.amount", "$$payment.fee"]}, 0]}}}}}}}}}]


def _sums() -> dict:
    return {
        "total_paid_amount": {"$sum": "$paid"}, "total_due_amount": {"$sum": {"$sum": "$dues.due_amount"}},
        "total_purchase_count": _count("$new"), "total_product_quantity": {"$sum": {"$cond": ["$new", "$quantity", 0]}},
        "total_installment_count": {"$sum": {"$size": "$dues"}},
        "fully_paid_purchases": _count({"$and": ["$new", {"$eq": ["$status", Status.PAID.value]}]}),
        "due_purchases": _count({"$and": ["$new", {"$eq": ["$status", Status.DUE.value]}]})}


def _count(condition: str | dict) -> dict:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _count_dues(status: Status) -> dict:
    return {"$size": {"$filter": {"input": "$dues", "as": "part", "cond": {"$eq": ["$$part.status", status.value]}}}}

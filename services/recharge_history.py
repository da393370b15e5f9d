"""A person's own recharges, as lists and single ones."""
from datetime import datetime

from documents.errors import NotFound
from documents.listing import Listing
from documents.recharges import Recharge
from documents.users import User


def history(*, user: User, payment_status: str | None = None, provider_id: int | None = None,
            start: datetime | None = None, end: datetime | None = None) -> Listing:
    """The user's own recharges, whatever its role; made from `start` on and before `end`."""
    match: dict = {"user": user.id}
    if payment_status is not None:
        match["payment_status"] = payment_status
    if provider_id is not None:
        match["plan.provider.id"] = provider_id
    made = {"$gte": start, "$lt": end}
    if bounds := {operator: moment for operator, moment in made.items() if moment is not None}:
        match["created_at"] = bounds
    return Listing(
        Recharge, match, orderings={name: name for name in ("created_at", "amount", "payment_status")},
        searchable=("plan.title", "plan.provider.title", "transaction_id", "phone_number"))


def detail(*, user: User, recharge_id: int) -> Recharge:
    """One of the user's own recharges. Raises NotFound."""
    recharge = Recharge.find_one({"_id": recharge_id, "user": user.id})
    if recharge is None:
        raise NotFound("Purchase not found")
    return recharge

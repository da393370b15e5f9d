"""What stands at the top of a customer's page: money, shop, distributor, place in the tree, what is owed."""
from dataclasses import dataclass, field
from typing import Any

from aggregations import customers as pipelines
from config import settings
from documents import clock
from documents.transactions import current_session
from documents.users import User
from documents.wallets import POINTS
from services import installments
from services.installments import is_late

LONGEST_MS = 2_000


@dataclass(frozen=True, kw_only=True)
class Facts:
    """About one person; amounts in minor units. What is absent does not exist."""

    wallets: list[dict]
    merchant: dict | None
    distributor: dict | None
    retailers: int
    """How many belong to this distributor, counted up to `aggregations.customers.COUNTED_TO`."""
    referral_code: str | None
    referred: int
    """How often the code was used."""
    above: list[dict]
    """The referrals that lead up the tree, the person's own first; at most `aggregations.customers.LONGEST_CHAIN`."""
    due: int = 0
    """What is open on instalments, late fees of today included."""
    overdue: int = 0
    """How many instalments are late."""
    debts: dict[str, int] = field(default_factory=dict)
    """What revoked rewards left owing, by unit."""


def of(user: User) -> Facts:
    """The facts about `user`, in one round trip."""
    units = (settings.current().currency, POINTS)
    row = next(User.collection().aggregate(
        pipelines.facts(user.id, debts=[f"{user.id}:{unit}" for unit in units]),
        session=current_session(), maxTimeMS=LONGEST_MS))
    code, open_parts = _first(row["code"]), _open(row["open"])
    return Facts(
        wallets=row["wallets"], merchant=_first(row["merchant"]), distributor=_first(row["distributor"]),
        retailers=(_first(row["retailers"]) or {}).get("count", 0), above=row["above"],
        referral_code=code["code"] if code else None, referred=code["uses"] if code else 0,
        due=sum(part["amount_to_pay"] for part in open_parts),
        overdue=sum(is_late(part["due_date"], clock.now()) for part in open_parts),
        debts={str(debt["_id"]).partition(":")[2]: debt["amount"] for debt in row["debts"] if debt["amount"]})


def _open(purchases: list[dict]) -> list[dict]:
    parts = [part for purchase in purchases for part in purchase["installments"] if part["due_amount"]]
    return list(installments.with_fees(parts))


def _first(rows: list[Any]) -> Any | None:
    return rows[0] if rows else None

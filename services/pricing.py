"""What a recharge costs its payer and earns the distributor above, under the margins of this moment."""
from typing import NamedTuple

from documents import money
from documents.permissions import UserType
from documents.users import User


class Terms(NamedTuple):
    """All amounts in minor units; `net` leaves the payer's wallet."""

    net: int
    commission: int
    upline: dict | None
    """A stored Upline of documents/recharges.py."""
    wallet: int | None


def parent_of(payer: User) -> int | None:
    """The distributor that earns on the payer's recharges, if there is one."""
    return payer.parent if payer.user_type == UserType.RETAILER else None


def terms_of(payer: User, price: int, known: dict) -> Terms:
    """The terms for a `price`, from a row of aggregations/recharges.py.

    Commissions are rounded half-up to the minor unit; the distributor earns what its own margin gives
    over the payer's, and nothing when the payer's is the larger one.
    """
    margins = {row["_id"]: row["basis_points"] for row in known["margins"]}
    commission = money.share(price, margins.get(payer.id, 0))
    upline = None
    for parent in known.get("parents", []):
        earned = money.share(price, margins.get(parent["_id"], 0)) - commission
        if earned > 0:
            upline = {"user": parent["_id"], "amount": earned}
    wallet = next((row["_id"] for row in known["wallets"]), None)
    return Terms(net=price - commission, commission=commission, upline=upline, wallet=wallet)

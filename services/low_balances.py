"""The low-balance notice: once each time a distributor's or retailer's wallet falls below the line."""
from aggregations import low_balances
from config import settings
from documents.low_balances import LowBalanceMark
from documents.transactions import atomic
from documents.users import User
from services import notices


def tell_crossings(*, limit: int = 500) -> int:
    """Notice up to `limit` wallets that crossed the line in either direction; returns how many.

    Reading is one round trip however many people there are; of many runs at once, one tells each crossing.
    """
    current = settings.current()
    rows = list(User.collection().aggregate(
        low_balances.crossings(unit=current.currency, threshold=current.low_balance_threshold, limit=limit)))
    for row in rows:
        if row["low"]:
            _fell(row["_id"], row["balance"])
        else:
            LowBalanceMark.rose(row["_id"])
    return len(rows)


@atomic
def _fell(user_id: int, balance: int) -> None:
    mark = LowBalanceMark.fell(user_id)
    if mark is not None:
        notices.low_balance(key=f"low-balance:{user_id}:{mark.crossings}", user=User.get(user_id), balance=balance)

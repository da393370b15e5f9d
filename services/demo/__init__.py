"""The demo business: deterministic, and loading it twice changes nothing."""
from collections.abc import Callable

from config import settings
from documents.users import User
from services import sealing
from services.catalogue_data import load_catalogue
from services.demo import bulk, coupons, installments, merchants, orders, people, referrals, vouchers

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


class DemoRefused(Exception):
    """Demo people have known passwords, so a production installation does not take them."""


def load(*, entries: int = 0, progress: Progress = lambda _done, _total: None) -> dict[str, User]:
    """Load the demo business and, on top, retailers with about `entries` ledger entries of history.

    Returns its people by name. Raises DemoRefused in production.
    """
    if settings.current().production:
        raise DemoRefused
    load_catalogue()
    known = people.load()
    referrals.load(known)       # before the recharges: the first of each earns its referrer something
    orders.load(known)
    installments.load(known)
    merchants.load(known)
    coupons.load(known)
    vouchers.load(known)
    if entries:
        bulk.load(entries, known["north"], progress)
        sealing.seal_entries(everything=True)
    return known

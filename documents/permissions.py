"""What a caller may do, as named verbs; which role holds which verb is this one table."""
from collections.abc import Collection
from enum import IntEnum, StrEnum


class UserType(IntEnum):
    ADMIN = 1
    DISTRIBUTOR = 2
    RETAILER = 3
    CLIENT = 4

    @property
    def display(self) -> str:
        return self.name.capitalize()


class Permission(StrEnum):
    MANAGE_USERS = "manage_users"
    """List, create and edit the users one is responsible for: an admin everybody, a distributor its retailers."""
    SEARCH_USERS = "search_users"
    FUND_WALLETS = "fund_wallets"
    HANDLE_CASH = "handle_cash"
    """Fund wallets from cash and pay out of them; whoever lacks it funds from its own wallet."""
    SET_MARGINS = "set_margins"
    """Give one's own retailers their margins."""
    SET_ANY_MARGIN = "set_any_margin"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_SUPPORT = "manage_support"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_REWARDS = "manage_rewards"
    MANAGE_INSTALLMENTS = "manage_installments"
    """See everybody's purchases, take payments on a customer's behalf, waive late fees."""
    MANAGE_MERCHANTS = "manage_merchants"
    """See every merchant and its payments, switch merchants on and off."""
    MANAGE_SETTLEMENTS = "manage_settlements"
    """See every settlement and mark it as paid."""
    MANAGE_COUPONS = "manage_coupons"
    """Make the house's coupons, see and change every merchant's."""
    MANAGE_REFUNDS = "manage_refunds"
    """See everybody's card payments, decide on refunds."""
    MANAGE_WEBHOOKS = "manage_webhooks"
    """Have the whole installation's events sent somewhere, not only one's own merchant's."""
    MANAGE_JOBS = "manage_jobs"
    """See queues, failed jobs and events that wait, start them again, have the books proved."""
    MANAGE_STAFF = "manage_staff"
    """Say who is staff and what they may do."""
    VIEW_REPORTS = "view_reports"
    RECHARGE = "recharge"
    TRANSFER = "transfer"


_EVERYBODY = frozenset({Permission.RECHARGE})
_ROLES: dict[UserType, frozenset[Permission]] = {
    UserType.ADMIN: frozenset(Permission),
    UserType.DISTRIBUTOR: _EVERYBODY | {
        Permission.MANAGE_USERS, Permission.FUND_WALLETS, Permission.TRANSFER, Permission.SET_MARGINS},
    UserType.RETAILER: _EVERYBODY,
    UserType.CLIENT: _EVERYBODY,
}


_ADMINS_ONLY = frozenset({Permission.MANAGE_STAFF})
"""Whoever could hand out rights could take every right."""
GRANTABLE = tuple(permission for permission in Permission if permission not in _ADMINS_ONLY | _EVERYBODY)
"""What a member of staff may be given."""


def permissions_of(user_type: int, *, is_staff: bool, granted: Collection[str] | None = None) -> frozenset[Permission]:
    """The verbs of a role; a member of staff of another role than admin also holds the `granted` ones (None: all)."""
    own = _ROLES[UserType(user_type)]
    if not is_staff or user_type == UserType.ADMIN:
        return own
    return own.union(GRANTABLE if granted is None else (known for known in GRANTABLE if known in granted))

"""Merchants: opening, changing, switching and closing shops."""
from typing import Any

from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, Forbidden, Invalid, NotFound
from documents.ids import next_id
from documents.listing import Listing
from documents.merchants import MAX_BANK_ACCOUNTS, BankAccount, Merchant, MerchantSettings
from documents.permissions import Permission
from documents.settlements import SettlementBook
from documents.transactions import atomic
from documents.users import User

_OPEN = {"closed_at": {"$exists": False}}


class MerchantExists(Conflict):
    code = "merchant_exists"
    detail = "You have a merchant already."


class MerchantRequired(Forbidden):
    """Only somebody who runs a shop can do this."""

    code = "merchant_required"
    detail = "Create a merchant first."


class MerchantInactive(Conflict):
    code = "merchant_inactive"
    detail = "This merchant takes no payments at the moment."


def create(*, owner: User, bank_accounts: list[dict] | None = None, settings: dict | None = None,
           **facts: Any) -> Merchant:
    """Open the shop of `owner`, or open it again when it was closed. Raises MerchantExists, Invalid.

    `phone` and `email` are the owner's unless given.
    """
    now = clock.now()
    facts = {"phone": owner.phone or "", "email": owner.email, **facts}
    accounts = _accounts(bank_accounts or [])
    chosen = MerchantSettings(**(settings or {}))
    reopened = Merchant.reopen(owner.id, {
        **_present(facts), "settings": chosen.to_mongo(), "bank_accounts": [account.to_mongo() for account in accounts],
        "updated_at": now})
    if reopened is not None:
        return reopened
    try:
        return _create(Merchant(id=next_id("merchants"), user=owner.id, settings=chosen, bank_accounts=accounts,
                                created_at=now, updated_at=now, **facts))
    except Duplicate as error:
        raise MerchantExists from error


@atomic
def _create(merchant: Merchant) -> Merchant:
    merchant.create()
    SettlementBook(id=merchant.id, closed_at=merchant.created_at).create()
    return merchant


def own(user: User) -> Merchant:
    """The shop of `user`. Raises NotFound when there is none."""
    found = find_own(user)
    if found is None:
        raise NotFound
    return found


def find_own(user: User) -> Merchant | None:
    return Merchant.find_one({"user": user.id, **_OPEN})


def run_by(user: User) -> Merchant:
    """The shop that `user` owns. Raises MerchantRequired: for what has no meaning without one."""
    found = find_own(user)
    if found is None:
        raise MerchantRequired
    return found


def visible_to(viewer: User) -> dict:
    """The filter for the merchants `viewer` may see and change: every one for staff, else the own."""
    return {} if viewer.can(Permission.MANAGE_MERCHANTS) else {"user": viewer.id, **_OPEN}


def get(merchant_id: int, *, viewer: User) -> Merchant:
    """A merchant that `viewer` may see. Raises NotFound."""
    return Merchant.get(merchant_id, **visible_to(viewer))


def listing(*, viewer: User, is_active: bool | None = None) -> Listing:
    """The merchants `viewer` may see, newest first."""
    match = visible_to(viewer) | ({} if is_active is None else {"is_active": is_active})
    return Listing(Merchant, match, orderings={name: name for name in ("created_at", "business_name")},
                   searchable=("business_name", "phone", "email", "gst_number", "address"))


def change(merchant_id: int, *, viewer: User, bank_accounts: list[dict] | None = None, settings: dict | None = None,
           **facts: Any) -> Merchant:
    """Change the given facts; `settings` are merged, `bank_accounts` replace all in one write.

    Raises NotFound for a merchant that `viewer` may not change, Invalid.
    """
    update: dict = {**facts, "updated_at": clock.now()}
    update |= {f"settings.{name}": value for name, value in (settings or {}).items()}
    if bank_accounts is not None:
        update["bank_accounts"] = [account.to_mongo() for account in _accounts(bank_accounts)]
    gone = [name for name, value in update.items() if value is None]
    changed = Merchant.change({"_id": merchant_id, **visible_to(viewer)},
                              {"$set": _present(update), **({"$unset": dict.fromkeys(gone, "")} if gone else {})})
    if changed is None:
        raise NotFound
    return changed


def switch(merchant_id: int, *, active: bool) -> Merchant:
    """Let a merchant take payments, or no longer. Raises NotFound."""
    changed = Merchant.change({"_id": merchant_id}, {"$set": {"is_active": active, "updated_at": clock.now()}})
    if changed is None:
        raise NotFound
    return changed


def close(merchant_id: int, *, viewer: User) -> None:
    """Close a shop; its payments, settlements and money stay, and what is due is still settled. Raises NotFound."""
    if Merchant.close(merchant_id, visible_to(viewer), clock.now()) is None:
        raise NotFound


def _accounts(given: list[dict]) -> list[BankAccount]:
    """The accounts with new ids, one of them primary: the first, unless one is named."""
    if len(given) > MAX_BANK_ACCOUNTS:
        raise Invalid.field("bank_accounts", f"A merchant has at most {MAX_BANK_ACCOUNTS} bank accounts.")
    numbers = [(account["ifsc"], account["account_number"]) for account in given]
    if len(set(numbers)) < len(numbers):
        raise Invalid.field("bank_accounts", "The same account stands twice.")
    if sum(account["is_primary"] for account in given) > 1:
        raise Invalid.field("bank_accounts", "Exactly one account is primary.")
    now = clock.now()
    accounts = [BankAccount(id=next_id("bank_accounts"), created_at=now, **account) for account in given]
    if accounts and not any(account.is_primary for account in accounts):
        accounts[0].is_primary = True
    return accounts


def _present(facts: dict) -> dict:
    return {name: value for name, value in facts.items() if value is not None}

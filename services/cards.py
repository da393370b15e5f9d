"""How a user is shown to clients: the one place that says so."""
from collections.abc import Mapping
from typing import Any

from config import settings
from documents.permissions import UserType
from documents.users import Profile, User
from services import wallets

_PROFILE_FIELDS = tuple(name for name in Profile._fields_ordered)


def card(user: User) -> dict:
    """The user object of `user`, wallet read from the database; `wallet_balance` in minor units."""
    return card_of_row({**user.to_mongo(), "wallets": wallets.rows_of(user.id)})


def card_of_row(row: Mapping[str, Any]) -> dict:
    """The user object of a stored row that has the user's `wallets`, too."""
    currency = settings.current().currency
    wallet: Mapping[str, Any] = next((held for held in row["wallets"] if held["unit"] == currency), {})
    first_name, last_name = row.get("first_name", ""), row.get("last_name", "")
    full_name = f"{first_name} {last_name}".strip()
    is_admin = row["user_type"] == UserType.ADMIN
    return {
        "id": row["_id"],
        "username": row.get("username") or row.get("email") or row.get("phone") or "",
        "email": row.get("email"), "phone": row.get("phone"),
        "first_name": first_name, "last_name": last_name, "full_name": full_name, "name": full_name,
        "user_type": row["user_type"], "user_type_display": UserType(row["user_type"]).display,
        "parent": row.get("parent"),
        "is_active": row.get("is_active", True), "is_verified": row.get("is_verified", False),
        "is_staff": is_admin or row.get("is_staff", False), "is_superuser": is_admin,
        "date_joined": row["date_joined"], "last_login": row.get("last_login"),
        "wallet_id": wallet.get("_id"), "wallet_balance": wallet.get("balance", 0),
        "currency": currency,
        "profile": _profile(row),
    }


def _profile(row: Mapping[str, Any]) -> dict:
    stored = row.get("profile") or {}
    return {**{name: stored.get(name) for name in _PROFILE_FIELDS}, "phone_number": row.get("phone"),
            "bio": stored.get("bio", ""), "address": stored.get("address", "")}

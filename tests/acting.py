"""Short ways to what staff do at the console, for tests."""
from typing import Any

from documents.ids import new_uuid
from documents.staff_actions import StaffAction
from documents.users import User
from services import ledger, staff_actions, wallets
from services.ledger import CASH

ABOVE = "10000.01"
"""The least amount that needs a second person."""


def act(maker: User, name: str, subject: str, *, key: str | None = None, reason: str = "As agreed by phone",
        **typed: Any) -> StaffAction:
    """One action, as its form sends it."""
    return staff_actions.perform(maker=maker, address="192.0.2.7", name=name, subject=subject, typed=typed,
                                 reason=reason, key=key or new_uuid())


def wallet_of(user: User) -> str:
    """The user's wallet as a subject."""
    return f"wallet:{wallets.wallet_of(user.id).id}"


def balance(user: User) -> int:
    return wallets.wallet_of(user.id).balance


def cash() -> int:
    return ledger.balance(CASH)

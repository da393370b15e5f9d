"""The people of the demo business: two distributors, their retailers, some clients, and money to start with."""
from contextlib import suppress
from typing import NamedTuple

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.ids import next_id
from documents.margins import Margin
from documents.permissions import UserType
from documents.transactions import atomic
from documents.users import User
from services import ledger, margins, passwords, wallets
from services.ledger import CASH, AlreadyPosted, Leg, wallet_account

PASSWORD = "Purser-demo-1"  # noqa: S105  printed at start, and production refuses to load the demo
DOMAIN = "purser.example"


class Role(NamedTuple):
    """One person; `funds` in minor units, `margin` in basis points, `parent` by name."""

    name: str
    full_name: str
    user_type: UserType
    phone: str
    funds: int = 0
    margin: int | None = None
    parent: str | None = None

    @property
    def email(self) -> str:
        return f"{self.name}@{DOMAIN}"


BUSINESS = [
    Role("north", "Northern Distribution", UserType.DISTRIBUTOR, "+919876500001", 5_000_000, 700),
    Role("south", "Southern Distribution", UserType.DISTRIBUTOR, "+919876500002", 2_500_000, 650),
    Role("anna", "Anna Kaur", UserType.RETAILER, "+919876500011", 1_000_000, 550, "north"),
    Role("bilal", "Bilal Mobile Shop", UserType.RETAILER, "+919876500012", 250_000, 500, "north"),
    Role("chitra", "Chitra Telecom", UserType.RETAILER, "+919876500013", 40_000, 500, "north"),
    Role("dev", "Dev Stores", UserType.RETAILER, "+919876500021", 300_000, 450, "south"),
    Role("esha", "Esha Corner", UserType.RETAILER, "+919876500022", 0, 400, "south"),
    Role("farid", "Farid Khan", UserType.CLIENT, "+919876500031", 50_000),
    Role("gita", "Gita Rao", UserType.CLIENT, "+919876500032", 20_000),
    Role("hari", "Hari Om", UserType.CLIENT, "+919876500033"),
]


def load() -> dict[str, User]:
    """Everybody of the demo business by name, the administrator as `admin`; whoever exists is left as they are."""
    chosen = settings.current()
    admin = _ensure(User(
        email=chosen.admin_email, phone=chosen.admin_phone, username="admin", first_name="Admin",
        user_type=UserType.ADMIN.value, is_staff=True), chosen.admin_password)
    known = {"admin": admin}
    for role in BUSINESS:
        first, _, last = role.full_name.partition(" ")
        known[role.name] = _ensure(User(
            email=role.email, phone=role.phone, username=role.name, first_name=first, last_name=last,
            user_type=role.user_type.value, parent=known[role.parent].id if role.parent else None), PASSWORD)
        _equip(role, known[role.name], admin)
    return known


def _ensure(user: User, password: str) -> User:
    known = User.by_address("email", user.email)
    if known is not None:
        return known
    user.id, user.date_joined, user.is_verified = next_id("users"), clock.now(), True
    user.password = passwords.hashed(password)
    try:
        return _create(user)
    except Duplicate:
        # Somebody else uses the demo's phone or name: the demo's person goes without.
        user.phone = user.username = None
        return _create(user)


@atomic
def _create(user: User) -> User:
    user.create()
    if user.role in (UserType.DISTRIBUTOR, UserType.RETAILER):
        wallets.open_wallet(owner=user.id)
    return user


def _equip(role: Role, user: User, admin: User) -> None:
    if role.margin is not None and Margin.find_one({"_id": user.id}) is None:
        margins.set_margin(actor=admin, user_email=user.email, basis_points=role.margin)
    if not role.funds:
        return
    wallet = wallets.wallet_of(user.id)
    with suppress(AlreadyPosted):
        ledger.post(kind="wallet.funded", reference=f"demo:fund:{role.name}", actor=admin.id, memo="Opening balance",
                    legs=[Leg(CASH, -role.funds), Leg(wallet_account(wallet.id), role.funds)])

"""Opening, funding, debiting and transferring: everything that happens to a wallet by a person's wish."""
from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid
from documents.ids import new_uuid, next_id
from documents.permissions import Permission, UserType
from documents.transactions import atomic
from documents.users import User
from documents.wallets import Wallet
from services import events, ledger
from services.ledger import CASH, Leg, wallet_account

BUSINESS_TYPES = (UserType.DISTRIBUTOR, UserType.RETAILER)

@atomic
def open_wallet(*, owner: int, unit: str | None = None) -> Wallet:
    """The wallet of `owner` in `unit` (the currency unless told otherwise), made empty when there is none yet."""
    unit = unit or settings.current().currency
    found = find_wallet(owner=owner, unit=unit)
    if found is not None:
        return found
    now = clock.now()
    return Wallet(id=next_id("wallets"), owner=owner, unit=unit, created_at=now, updated_at=now).create()


def wallet_of(owner: int, unit: str | None = None) -> Wallet:
    """The wallet of `owner`, made on first use; outside a transaction a lost race finds the winner's."""
    try:
        return find_wallet(owner=owner, unit=unit) or open_wallet(owner=owner, unit=unit)
    except Duplicate:
        return wallet_of(owner, unit)


def find_wallet(*, owner: int, unit: str | None = None) -> Wallet | None:
    """The wallet of `owner`, or None before its first use."""
    return Wallet.find_one({"owner": owner, "unit": unit or settings.current().currency})


@atomic
def add_money(*, actor: User, to: User, amount: int, memo: str = "") -> Wallet:
    """Put `amount` minor units into the wallet of `to`: from cash for an admin, else from the actor's own wallet.

    Raises InsufficientFunds when the actor's wallet is too empty.
    """
    if not actor.can(Permission.HANDLE_CASH):
        return transfer(sender=actor, to=to, amount=amount, memo=memo)
    wallet = open_wallet(owner=to.id)
    _book("wallet.funded", [Leg(CASH, -amount), Leg(wallet_account(wallet.id), amount)], actor, to, amount, memo)
    return Wallet.get(wallet.id)


@atomic
def take_money(*, actor: User, of: User, amount: int, memo: str = "") -> Wallet:
    """Pay `amount` minor units out of the wallet of `of` into cash. Raises InsufficientFunds."""
    wallet = open_wallet(owner=of.id)
    _book("wallet.debited", [Leg(wallet_account(wallet.id), -amount), Leg(CASH, amount)], actor, of, amount, memo)
    return Wallet.get(wallet.id)


@atomic
def transfer(*, sender: User, to: User, amount: int, memo: str = "") -> Wallet:
    """Move `amount` minor units from the wallet of `sender` to that of `to`; returns the receiver's wallet.

    Raises Invalid when both are the same person, InsufficientFunds when the sender has less.
    """
    if sender.id == to.id:
        raise Invalid.field("user_email", "You cannot transfer money to yourself.")
    source, target = open_wallet(owner=sender.id), open_wallet(owner=to.id)
    legs = [Leg(wallet_account(source.id), -amount), Leg(wallet_account(target.id), amount)]
    _book("wallet.transferred", legs, sender, to, amount, memo)
    return Wallet.get(target.id)


def _book(kind: str, legs: list[Leg], actor: User, owner: User, amount: int, memo: str) -> None:
    # No natural key exists for a wish of a person: the Idempotency-Key is what makes a repeat harmless.
    reference = f"{kind}:{new_uuid()}"
    ledger.post(kind=kind, reference=reference, legs=legs, actor=actor.id, memo=memo)
    events.record(kind, subject=reference, user=owner.id, amount=amount, actor=actor.id)

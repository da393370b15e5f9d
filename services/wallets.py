"""Opening, funding, debiting and transferring: everything that happens to a wallet by a person's wish."""
from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid, NotFound
from documents.ids import new_uuid, next_id
from documents.listing import Listing
from documents.permissions import Permission, UserType
from documents.transactions import atomic, current_session
from documents.users import User
from documents.wallets import Wallet
from services import events, ledger
from services.ledger import CASH, Leg, wallet_account

BUSINESS_TYPES = (UserType.DISTRIBUTOR, UserType.RETAILER)

@atomic
def open_wallet(*, owner: int, unit: str | None = None) -> Wallet:
    """The wallet of `owner` in `unit` (the currency unless told otherwise), made empty when there is none yet.

    Raises NotFound for nobody's.
    """
    unit = unit or settings.current().currency
    found = find_wallet(owner=owner, unit=unit)
    if found is not None:
        return found
    person, now = User.change({"_id": owner}, {"$inc": {"wallets_opened": 1}}), clock.now()
    if person is None:
        raise NotFound("User not found.")
    return Wallet(id=next_id("wallets"), owner=owner, owner_email=person.email, owner_type=person.user_type, unit=unit,
                  created_at=now, updated_at=now).create()


def wallet_of(owner: int, unit: str | None = None) -> Wallet:
    """The wallet of `owner`, made on first use; outside a transaction a lost race finds the winner's."""
    try:
        return find_wallet(owner=owner, unit=unit) or open_wallet(owner=owner, unit=unit)
    except Duplicate:
        return wallet_of(owner, unit)


def find_wallet(*, owner: int, unit: str | None = None) -> Wallet | None:
    """The wallet of `owner`, or None before its first use."""
    return Wallet.find_one({"owner": owner, "unit": unit or settings.current().currency})


def rows_of(owner: int) -> list[dict]:
    """The wallets of `owner`, one a unit, as they are stored."""
    return list(Wallet.collection().find({"owner": owner}, session=current_session()))


def visible_to(viewer: User) -> dict:
    """The filter for the wallets `viewer` may see: all for who handles cash, else its own and its retailers'."""
    if viewer.can(Permission.HANDLE_CASH):
        return {}
    return {"owner": {"$in": viewer.tree()}}


def listing(*, viewer: User) -> Listing:
    """The wallets `viewer` may see, by id."""
    return Listing(Wallet, visible_to(viewer), order=[("_id", 1)], orderings={"id": "_id", "balance": "balance"})


def row(wallet_id: int, *, viewer: User) -> dict:
    """One wallet as lists show it. Raises NotFound also for one that `viewer` may not see."""
    found = Wallet.collection().find_one({"$and": [{"_id": wallet_id}, visible_to(viewer)]}, session=current_session())
    if found is None:
        raise NotFound
    return found


def get(wallet_id: int | None, *, viewer: User) -> Wallet:
    """This wallet, or the viewer's own. Raises NotFound also for one that `viewer` may not see."""
    if wallet_id is None:
        return wallet_of(viewer.id)
    found = Wallet.find_one({"$and": [{"_id": wallet_id}, visible_to(viewer)]})
    if found is None:
        raise NotFound
    return found


def payee(*, payer: User, email: str) -> User:
    """The active user with this e-mail whom `payer` may pay: anybody for an admin, else its own retailers.

    Raises Invalid on `user_email` for everybody else, whether they exist or not.
    """
    match: dict = {"email": email, "is_active": True}
    if not payer.can(Permission.HANDLE_CASH):
        match |= {"parent": payer.id, "user_type": UserType.RETAILER.value}
    found = User.find_one(match)
    if found is None:
        raise Invalid.field("user_email", "User with this email does not exist.")
    return found


@atomic
def add_money(*, actor: User, user_email: str, amount: int, description: str = "") -> dict:
    """Put `amount` minor units into a wallet: from cash for an admin, else from the actor's own wallet.

    Returns the wallet as lists show it. Raises InsufficientFunds when the actor's wallet is too empty.
    """
    if not actor.can(Permission.HANDLE_CASH):
        return transfer(sender=actor, user_email=user_email, amount=amount, description=description)
    to = payee(payer=actor, email=user_email)
    wallet = open_wallet(owner=to.id)
    put_in(actor=actor, wallet=wallet, amount=amount, memo=description)
    return row(wallet.id, viewer=actor)


@atomic
def take_money(*, actor: User, user_email: str, amount: int, description: str = "") -> dict:
    """Pay `amount` minor units out of a wallet into cash; the wallet as lists show it. Raises InsufficientFunds."""
    owner = payee(payer=actor, email=user_email)
    wallet = open_wallet(owner=owner.id)
    take_out(actor=actor, wallet=wallet, amount=amount, memo=description)
    return row(wallet.id, viewer=actor)


@atomic
def put_in(*, actor: User, wallet: Wallet, amount: int, memo: str = "", key: str | None = None) -> str:
    """Book `amount` minor units of cash into a wallet; returns the entry's reference, unique by `key` if given.

    Raises AlreadyPosted when `key` was used.
    """
    return _book("wallet.funded", [Leg(CASH, -amount), Leg(wallet_account(wallet.id), amount)], actor, wallet.owner,
                 memo, key)


@atomic
def take_out(*, actor: User, wallet: Wallet, amount: int, memo: str = "", key: str | None = None) -> str:
    """Book `amount` minor units out of a wallet into cash, as `put_in` does. Raises InsufficientFunds."""
    return _book("wallet.debited", [Leg(wallet_account(wallet.id), -amount), Leg(CASH, amount)], actor, wallet.owner,
                 memo, key)


@atomic
def transfer(*, sender: User, user_email: str, amount: int, description: str = "") -> dict:
    """Move `amount` minor units from the sender's wallet down to another; that wallet as lists show it.

    Raises Invalid when both are the same person's, InsufficientFunds when the sender has less.
    """
    to = payee(payer=sender, email=user_email)
    if sender.id == to.id:
        raise Invalid.field("user_email", "You cannot transfer money to yourself.")
    source, target = open_wallet(owner=sender.id), open_wallet(owner=to.id)
    legs = [Leg(wallet_account(source.id), -amount), Leg(wallet_account(target.id), amount)]
    _book("wallet.transferred", legs, sender, to.id, description)
    return row(target.id, viewer=sender)


def _book(kind: str, legs: list[Leg], actor: User, owner: int, memo: str, key: str | None = None) -> str:
    # A person's wish has no natural key: the Idempotency-Key is what makes a repeat harmless.
    reference = f"{kind}:{key or new_uuid()}"
    ledger.post(kind=kind, reference=reference, legs=legs, actor=actor.id, memo=memo)
    events.record(kind, subject=reference, user=owner, amount=abs(legs[0].amount), actor=actor.id)
    return reference

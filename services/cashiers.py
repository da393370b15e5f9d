"""Who may stand at which till: the owner of a merchant, and the cashiers it has let in."""
from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, Invalid, NotFound
from documents.listing import Listing
from documents.merchants import Cashier, Merchant
from documents.permissions import Permission
from documents.transactions import current_session
from documents.users import User
from services import merchants
from services.merchants import MerchantInactive, MerchantRequired

WITH_USER: list[dict] = [
    {"$lookup": {"from": "users", "localField": "user", "foreignField": "_id", "as": "person",
                 "pipeline": [{"$project": {"email": 1, "phone": 1, "first_name": 1, "last_name": 1}}]}},
    {"$set": {"email": {"$first": "$person.email"}, "phone": {"$first": "$person.phone"},
              "first_name": {"$first": "$person.first_name"}, "last_name": {"$first": "$person.last_name"}}},
    {"$unset": "person"},
]


class CashierExists(Conflict):
    code = "cashier_exists"
    detail = "This person is your cashier already."


def till_of(user: User, merchant_id: int | None = None) -> Merchant:
    """The active merchant for which `user` takes payments: its own, the only one it is a cashier of, or the named one.

    Raises MerchantRequired when there is none, NotFound for one that is not open to it, Invalid when it must be named,
    MerchantInactive.
    """
    if merchant_id is None:
        merchant_id = _only_till(user)
    elif merchant_id not in tills_of(user):
        raise NotFound
    return open_till(merchant_id)


def open_till(merchant_id: int) -> Merchant:
    """This merchant, if it takes payments. Raises MerchantInactive."""
    merchant = Merchant.get(merchant_id)
    if not merchant.takes_payments:
        raise MerchantInactive
    return merchant


def tills_of(user: User) -> list[int]:
    """The merchants at whose tills `user` may stand, the own one first."""
    own = merchants.find_own(user)
    seats = Cashier.collection().find({"user": user.id}, {"merchant": 1}, session=current_session())
    return ([own.id] if own is not None else []) + [seat["merchant"] for seat in seats]


def seen_by(viewer: User) -> dict:
    """The filter for payments and their attempts: every one for staff, else those of the tills of `viewer`."""
    if viewer.can(Permission.MANAGE_MERCHANTS):
        return {}
    tills = tills_of(viewer)
    return {"merchant": tills[0] if len(tills) == 1 else {"$in": tills}}


def listing(*, owner: User) -> Listing:
    """The cashiers of the owner's merchant. Raises MerchantRequired."""
    return Listing(Cashier, {"merchant": merchants.run_by(owner).id}, lookups=WITH_USER)


def add(*, owner: User, email: str | None = None, phone: str | None = None) -> dict:
    """Let the active user with this address take payments; the cashier as lists show it. Raises Invalid, Conflict."""
    merchant = merchants.run_by(owner)
    field, address = ("email", email) if email else ("phone", phone)
    person = User.by_address(field, address) if address else None
    if person is None or not person.is_active or person.id == owner.id:
        raise Invalid.field(field, "There is no such user.")
    seat = Cashier(id=f"{merchant.id}:{person.id}", merchant=merchant.id, user=person.id, created_at=clock.now())
    try:
        seat.create()
    except Duplicate as error:
        raise CashierExists from error
    return {**seat.to_mongo(), **{name: getattr(person, name) for name in ("email", "phone", "first_name",
                                                                           "last_name")}}


def remove(*, owner: User, user_id: int) -> None:
    """Take the till away from a cashier, at once. Raises NotFound."""
    merchant = merchants.run_by(owner)
    gone = Cashier.collection().delete_one({"_id": f"{merchant.id}:{user_id}"}, session=current_session())
    if not gone.deleted_count:
        raise NotFound


def _only_till(user: User) -> int:
    own = merchants.find_own(user)
    if own is not None:
        return own.id
    tills = tills_of(user)
    if not tills:
        raise MerchantRequired
    if len(tills) > 1:
        raise Invalid.field("merchant", "You work for several merchants: say which.")
    return tills[0]

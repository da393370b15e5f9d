"""Who keeps which share of the price."""
from aggregations.margins import WITH_PEOPLE
from documents import clock, money
from documents.base import Duplicate
from documents.errors import Invalid
from documents.listing import Listing
from documents.margins import Margin
from documents.permissions import Permission, UserType
from documents.transactions import atomic, current_session
from documents.users import User
from services import events

BUSINESSES = (UserType.DISTRIBUTOR, UserType.RETAILER)


def listing(*, viewer: User) -> Listing:
    """The margins `viewer` may see: all, or its own and its retailers'."""
    match: dict = {}
    if not viewer.can(Permission.SET_ANY_MARGIN):
        match = {"_id": {"$in": viewer.tree()}}
    return Listing(Margin, match, order=[("_id", 1)], orderings={"id": "_id", "margin_percentage": "basis_points"},
                   lookups=WITH_PEOPLE)


def set_margin(*, actor: User, user_email: str, basis_points: int) -> dict:
    """Give a business its margin on every later recharge: an admin anybody's, a distributor its own retailers'.

    A distributor gives at most what it has itself. Lowering a distributor's margin leaves its retailers' alone:
    where theirs is the larger one, the distributor earns nothing on them. Returns the margin as lists show it.
    Raises Invalid.
    """
    user = _target(actor, user_email)
    try:
        _put(actor, user, basis_points)
    except Duplicate:
        _put(actor, user, basis_points)  # the first margin of this user was set by another request just now
    shown = [{"$match": {"_id": user.id}}, *WITH_PEOPLE]
    return next(iter(Margin.collection().aggregate(shown, session=current_session())))


@atomic
def _put(actor: User, user: User, basis_points: int) -> None:
    if not actor.can(Permission.SET_ANY_MARGIN):
        _check_ceiling(actor, basis_points)
    now = clock.now()
    facts = {"basis_points": basis_points, "set_by": actor.id, "updated_at": now}
    if Margin.change_row({"_id": user.id}, {"$set": facts}) is None:
        Margin(id=user.id, created_at=now, **facts).create()
    events.record("margin.set", subject=f"user:{user.id}", user=user.id, basis_points=basis_points, actor=actor.id)


def _target(actor: User, user_email: str) -> User:
    # Somebody else's retailer answers like nobody: a distributor cannot find out who exists.
    scope = {} if actor.can(Permission.SET_ANY_MARGIN) else {"parent": actor.id, "user_type": UserType.RETAILER.value}
    user = User.find_one({"email": user_email, **scope})
    if user is None:
        raise Invalid.field("user_email", "User with this email does not exist.")
    if user.user_type not in BUSINESSES:
        raise Invalid.field("user_email", "Margin can only be set for distributors and retailers.")
    return user


def _check_ceiling(actor: User, basis_points: int) -> None:
    own = Margin.find_one({"_id": actor.id})
    ceiling = own.basis_points if own is not None else 0
    if basis_points > ceiling:
        raise Invalid.field("margin_percentage",
                            f"Ensure this value is less than or equal to {money.text(ceiling)}: your own margin.")

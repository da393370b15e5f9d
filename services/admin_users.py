"""Managing other people's accounts: an admin everybody's, a distributor its own retailers'."""
from typing import Any

from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, Forbidden, Invalid, NotFound
from documents.ids import next_id
from documents.password_resets import PasswordReset
from documents.permissions import UserType
from documents.sessions import Session
from documents.transactions import atomic, current_session
from documents.users import ADDRESSES, Profile, User
from services import credentials, events, passwords, wallets
from services.accounts import need_address, own_username, refuse_taken, taken

MANAGED_TYPES = (UserType.DISTRIBUTOR.value, UserType.RETAILER.value)
"""What the API makes; admins are made by `flask create-admin`, clients by themselves."""


class LastAdmin(Conflict):
    code = "last_admin"
    detail = "The last active admin can neither be demoted nor deactivated."


def visible_to(manager: User) -> dict:
    """The match of the users that `manager` may see and change; deleted ones are nobody's."""
    if manager.role is UserType.DISTRIBUTOR and not manager.is_staff:
        return {"parent": manager.id, "user_type": UserType.RETAILER.value, "deleted_at": None}
    return {"deleted_at": None}


def get(*, manager: User, user_id: int) -> User:
    """One of the manager's users. Raises NotFound for an absent or foreign one."""
    return User.get(user_id, **visible_to(manager))


def changeable_by(manager: User) -> dict:
    """The match of the users that `manager` may change: staff are changed by admins only, or rights would be no limit
    for whoever may set an admin's password."""
    staff = {"is_staff": {"$ne": True}, "$nor": [{"user_type": UserType.ADMIN.value}]}
    return visible_to(manager) | ({} if manager.role is UserType.ADMIN else staff)


def create(*, manager: User, password: str, fields: dict[str, Any]) -> User:
    """Make a distributor or retailer with an empty wallet; a distributor's are its own retailers.

    `fields`: email, phone, username, first_name, last_name, user_type, parent. Raises Invalid.
    """
    fields = {**fields, **_scope(manager, fields)}
    fields["user_type"] = fields.get("user_type") or UserType.RETAILER.value
    _check_parent(fields["user_type"], fields.get("parent"))
    need_address(email=fields.get("email"), phone=fields.get("phone"))
    passwords.check(password)
    fields["username"] = own_username(fields.get("username"), email=fields.get("email"), phone=fields.get("phone"))
    refuse_taken(fields)
    try:
        return _store(manager=manager, fields=fields, hashed=passwords.hashed(password))
    except Duplicate as lost:
        raise taken(lost) from lost


def update(*, manager: User, user_id: int, fields: dict[str, Any]) -> User:
    """Change a user; another role, or deactivation, ends its sessions.

    Raises Invalid, NotFound, LastAdmin, and Forbidden when one who is no admin changes staff, or makes an admin.
    """
    user = _changeable(manager, user_id)
    if fields.get("user_type") == UserType.ADMIN and manager.role is not UserType.ADMIN:
        raise Forbidden("Only an admin can make an admin.")
    fields = {**fields, **_scope(manager, fields)}
    after = {name: fields.get(name, getattr(user, name)) for name in ADDRESSES}
    need_address(**after)
    if fields.get("username"):
        fields["username"] = None if fields["username"] == user.login_name != user.username else own_username(
            fields["username"], **after)
    refuse_taken(fields, besides=user.id)
    try:
        return _change(manager=manager, user_id=user_id, fields=fields)
    except Duplicate as lost:
        raise taken(lost) from lost


@atomic
def delete(*, manager: User, user_id: int) -> None:
    """Deactivate and anonymise: the id, the wallet and the history stay, the person goes. Raises as `update`."""
    user = _changeable(manager, user_id)
    if user.id == manager.id:
        raise Forbidden("You cannot delete your own account here.")
    _keep_an_admin(user)
    gone = User.change(
        {"_id": user.id, **changeable_by(manager)},
        {"$set": {"is_active": False, "is_staff": False, "deleted_at": clock.now(), "unproven": [],
                  "first_name": "Deleted", "last_name": "User", "profile": Profile().to_mongo()},
         "$unset": {"email": "", "phone": "", "username": "", "password": ""}})
    if gone is None:
        raise NotFound
    _shut_out(user.id)
    events.record("user.deleted", subject=f"user:{user.id}", user=user.id, by=manager.id)


def reset_password(*, manager: User, user_id: int, new_password: str) -> User:
    """Set a user's password and end its sessions. Raises as `update`, Conflict for a disabled user."""
    user = _changeable(manager, user_id)
    passwords.check(new_password, field="new_password")
    changed = credentials.set_password(user_id=user.id, hashed=passwords.hashed(new_password),
                                       match=changeable_by(manager))
    if changed is None:
        raise Conflict("A deactivated user cannot log in: activate it first.")
    return changed


@atomic
def create_admin(*, email: str, phone: str | None, hashed: str) -> User | None:
    """Make an admin, or return None when this e-mail is an admin's already. Raises Invalid when it is another's."""
    known = User.by_address("email", email)
    if known is not None and known.role is UserType.ADMIN and known.is_active:
        return None
    refuse_taken({"email": email, "phone": phone})
    return User(id=next_id("users"), email=email, phone=phone, password=hashed, user_type=UserType.ADMIN.value,
                is_staff=True, is_verified=True, date_joined=clock.now()).create()


@atomic
def _store(*, manager: User, fields: dict[str, Any], hashed: str) -> User:
    # The manager vouches for the addresses, as with every account that an office opens for somebody.
    user = User(id=next_id("users"), **fields, password=hashed, is_verified=True, date_joined=clock.now()).create()
    wallets.open_wallet(owner=user.id)
    events.record("user.created", subject=f"user:{user.id}", user=user.id, by=manager.id)
    return user


@atomic
def _change(*, manager: User, user_id: int, fields: dict[str, Any]) -> User:
    user = get(manager=manager, user_id=user_id)
    role = fields.get("user_type", user.user_type)
    left = role != user.user_type or fields.get("is_active", True) is False
    if role != UserType.ADMIN or fields.get("is_active", True) is False:
        _keep_an_admin(user)
    values = dict(fields)
    if role != user.user_type:
        values |= {"is_staff": False, "staff_permissions": None, "parent": fields.get("parent")}
        wallets.open_wallet(owner=user.id)
    _check_parent(role, values.get("parent"))
    if set(ADDRESSES) & set(values):
        values["unproven"] = [name for name in user.unproven if name not in values]
    if user.role is UserType.DISTRIBUTOR and role != user.user_type:
        # Its retailers belong to nobody then: a retailer may not manage retailers.
        User.collection().update_many({"parent": user.id}, {"$unset": {"parent": ""}}, session=current_session())
    if not values:
        return user
    update = {"$set": {name: value for name, value in values.items() if value is not None},
              "$unset": {name: "" for name, value in values.items() if value is None}}
    changed = User.change({"_id": user.id, **changeable_by(manager), "user_type": user.user_type},
                          {operator: part for operator, part in update.items() if part})
    if changed is None:
        raise NotFound
    if left:
        _shut_out(user.id)
    return changed


def _changeable(manager: User, user_id: int) -> User:
    user = get(manager=manager, user_id=user_id)
    if user.is_console_staff and manager.role is not UserType.ADMIN:
        raise Forbidden("Only an admin can change the account of an admin or of staff.")
    return user


def _keep_an_admin(user: User) -> None:
    if user.role is UserType.ADMIN and user.is_active and not User.guard_last_admin(leaving=user.id):
        raise LastAdmin


def _shut_out(user_id: int) -> None:
    Session.end_all(user_id)
    PasswordReset.void(user_id)


def _scope(manager: User, fields: dict[str, Any]) -> dict[str, Any]:
    """What a distributor may not choose: its people are retailers and its own."""
    if manager.role is not UserType.DISTRIBUTOR or manager.is_staff:
        return {}
    if fields.get("user_type", UserType.RETAILER) != UserType.RETAILER:
        raise Invalid.field("user_type", "A distributor can only manage retailers.")
    return {"user_type": UserType.RETAILER.value, "parent": manager.id}


def _check_parent(user_type: int, parent: int | None) -> None:
    if parent is None:
        return
    if user_type != UserType.RETAILER:
        raise Invalid.field("parent", "Only a retailer belongs to a distributor.")
    if User.find_one({"_id": parent, "user_type": UserType.DISTRIBUTOR.value, "is_active": True}) is None:
        raise Invalid.field("parent", "There is no such distributor.")

"""Who works at the admin console, and what each of them may do."""
from collections.abc import Collection

from documents.errors import Conflict, Forbidden, Invalid, NotFound
from documents.permissions import GRANTABLE, Permission, UserType
from documents.sessions import Session
from documents.transactions import atomic
from documents.users import User
from services import admin_users, staff_actions

MOST_LISTED = 200
_NO_STAFF = "Staff need an account of their own: distributors and retailers do business with the shop."


def everybody() -> list[User]:
    """Admins first, then staff of other roles."""
    admins = User.find({"user_type": UserType.ADMIN.value, "deleted_at": None}, sort=[("date_joined", -1), ("_id", -1)],
                       limit=MOST_LISTED)
    others = User.find({"is_staff": True, "user_type": {"$ne": UserType.ADMIN.value}, "deleted_at": None},
                       limit=MOST_LISTED)
    return [*admins, *others]


@atomic
def set_permissions(*, actor: User, user_id: int, permissions: Collection[str] | None, address: str,
                    reason: str = "") -> User:
    """Make a client a member of staff, or change what one may do (None: everything); ends the person's sessions.

    Raises Forbidden, Invalid, NotFound, and Conflict for admins, distributors and retailers.
    """
    user = _subject(actor, user_id)
    if user.role is not UserType.CLIENT:
        raise Conflict("An admin may do everything." if user.role is UserType.ADMIN else _NO_STAFF)
    if permissions is not None and not set(permissions) <= set(GRANTABLE):
        raise Invalid.field("permissions", "Not a permission that can be granted.")
    granted = None if permissions is None else [known.value for known in GRANTABLE if known in permissions]
    update = {"$unset": {"staff_permissions": ""}} if granted is None else {}
    chosen = {} if granted is None else {"staff_permissions": granted}
    return _changed(user, {"$set": {"is_staff": True, **chosen}, **update}, "staff.permissions", actor, address, reason)


@atomic
def withdraw(*, actor: User, user_id: int, address: str, reason: str = "") -> User:
    """Make a client of a member of staff or of an admin; ends the person's sessions.

    Raises Forbidden, NotFound, LastAdmin.
    """
    user = _subject(actor, user_id)
    if user.role is UserType.ADMIN:
        changed = admin_users.update(manager=actor, user_id=user.id, fields={"user_type": UserType.CLIENT.value})
        return _noted(user, changed, "staff.withdraw", actor, address, reason)
    if not user.is_staff:
        raise NotFound
    return _changed(user, {"$set": {"is_staff": False}, "$unset": {"staff_permissions": ""}}, "staff.withdraw", actor,
                    address, reason)


def _subject(actor: User, user_id: int) -> User:
    if not actor.can(Permission.MANAGE_STAFF):
        raise Forbidden
    return User.get(user_id, is_active=True, deleted_at=None)


def _changed(user: User, update: dict, name: str, actor: User, address: str, reason: str) -> User:
    changed = User.change({"_id": user.id, "is_active": True, "user_type": user.user_type}, update)
    if changed is None:
        raise NotFound
    # Rights are looked at when a session begins, too: whoever has others than before begins anew.
    Session.end_all(user.id)
    return _noted(user, changed, name, actor, address, reason)


def _noted(user: User, changed: User, name: str, actor: User, address: str, reason: str) -> User:
    staff_actions.record(name=name, subject=f"user:{user.id}", user=user.id, actor=actor.id, address=address,
                         reason=reason, before=_rights(user), after=_rights(changed))
    return changed


def _rights(user: User) -> dict:
    everything = user.is_console_staff and user.staff_permissions is None
    return {"role": user.role.display, "staff": user.is_console_staff,
            "permissions": "all" if everything else list(user.staff_permissions or [])}

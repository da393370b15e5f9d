"""Deactivating an account from the console, and activating it again, each with its reason in the audit list."""
from documents.errors import Conflict, Invalid
from documents.transactions import atomic
from documents.users import User
from services import admin_users, staff_actions


@atomic
def switch(*, user_id: int, active: bool, actor: User, address: str, reason: str) -> User:
    """Let somebody in, or keep them out from now on: deactivation ends every session.

    Raises Invalid without a reason, Conflict for one's own account and for one that is so already, and what
    `admin_users.update` raises.
    """
    if not reason:
        raise Invalid.field("reason", "Say why: it is kept in the audit list.")
    if user_id == actor.id:
        raise Conflict("You cannot do that to your own account.")
    before = User.get(user_id, deleted_at=None)
    if before.is_active is active:
        raise Conflict("This account is active." if active else "This account is deactivated already.")
    changed = admin_users.update(manager=actor, user_id=user_id, fields={"is_active": active})
    staff_actions.record(
        name="user.activate" if active else "user.deactivate", subject=f"user:{user_id}", actor=actor.id,
        address=address, reason=reason, user=user_id, before={"is_active": before.is_active},
        after={"is_active": changed.is_active})
    return changed

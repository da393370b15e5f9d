"""Logging somebody out from the console: the end of a session and its line in the audit list, or neither."""
from documents.errors import Forbidden, NotFound
from documents.sessions import Session
from documents.transactions import atomic
from documents.users import User
from services import admin_users, staff_actions


@atomic
def revoke(*, user_id: int, sid: str, actor: User, address: str, reason: str = "") -> None:
    """End one session of the user: its next call finds nobody. Raises NotFound when it has ended already.

    Raises Forbidden for staff, whose accounts are the admins' business; one's own sessions are one's own.
    """
    _check(actor, user_id)
    session = Session.get(sid, user=user_id)
    if not Session.end(sid=sid, user_id=user_id):
        raise NotFound
    staff_actions.record(
        name="session.revoke", subject=f"session:{sid}", actor=actor.id, address=address, reason=reason, user=user_id,
        before={"device": session.device, "address": session.address, "since": session.created_at})


@atomic
def revoke_all(*, user_id: int, actor: User, address: str, reason: str = "") -> int:
    """End every session of the user, the actor's own at the console if it is them; returns how many there were.

    Raises as `revoke`.
    """
    _check(actor, user_id)
    ended = Session.end_all(user_id)
    if ended:
        staff_actions.record(
            name="session.revoke_all", subject=f"user:{user_id}", actor=actor.id, address=address, reason=reason,
            user=user_id, before={"sessions": ended}, after={"sessions": 0})
    return ended


def _check(actor: User, user_id: int) -> None:
    User.get(user_id)
    if user_id != actor.id and User.find_one({"_id": user_id, **admin_users.changeable_by(actor)}) is None:
        raise Forbidden("Only an admin ends the sessions of staff.")

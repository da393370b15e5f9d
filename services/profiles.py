"""What people change about themselves."""
from typing import Any

from documents.base import Duplicate
from documents.errors import Conflict
from documents.otps import Purpose
from documents.password_resets import PasswordReset
from documents.transactions import atomic
from documents.users import ADDRESSES, User
from services import credentials, messages, otps
from services.accounts import need_address, own_username, refuse_taken, taken

NAMES = ("first_name", "last_name", "username")


def update(*, user: User, changes: dict[str, Any], profile: dict[str, Any], current_password: str | None,
           code: str | None, client: str) -> User:
    """Apply `changes` (names, username, email, phone; None removes) and `profile` fields to the user itself.

    A new e-mail or phone needs the current password or a fresh code of an address the user has proved; it is a mere
    claim until the code sent to it is entered. Raises Invalid for what is refused, Conflict for a lost race.
    """
    changes = {name: value for name, value in changes.items()
               if name in (*NAMES, *ADDRESSES) and value != getattr(user, name)}
    if changes.get("username") == user.login_name:
        changes.pop("username")  # clients send back the name they were shown, also when it is the e-mail or phone
    after = {name: changes.get(name, getattr(user, name)) for name in ADDRESSES}
    need_address(**after)
    if changes.get("username"):
        changes["username"] = own_username(changes["username"], **after)
    refuse_taken(changes, besides=user.id)
    moved = {name: changes[name] for name in ADDRESSES if name in changes}
    if moved:
        credentials.confirm(user=user, password=current_password, code=code, client=client)
    for address in filter(None, moved.values()):
        otps.admit(address)
    try:
        return _store(user=user, changes=changes, profile=profile, moved=moved, client=client)
    except Duplicate as lost:
        raise taken(lost) from lost


@atomic
def _store(*, user: User, changes: dict, profile: dict, moved: dict[str, str | None], client: str) -> User:
    values = {**changes, **{f"profile.{name}": value for name, value in profile.items()}}
    unproven = [name for name in user.unproven if name not in moved] + [name for name, new in moved.items() if new]
    if moved:
        values["unproven"] = unproven
    if not values:
        return user
    update: dict = {"$set": {name: value for name, value in values.items() if value is not None},
                    "$unset": {name: "" for name, value in values.items() if value is None}}
    # The addresses as they were read are part of the match, for `unproven` was computed from them.
    changed = User.change({"_id": user.id, "is_active": True, **{name: getattr(user, name) for name in ADDRESSES}},
                          {operator: fields for operator, fields in update.items() if fields})
    if changed is None:
        raise Conflict
    for name, address in moved.items():
        _announce(user=user, name=name, new=address, client=client)
    return changed


def _announce(*, user: User, name: str, new: str | None, client: str) -> None:
    """Ask the new address for proof and tell the old one, so that its owner learns of a theft."""
    PasswordReset.void(user.id)
    if new:
        otps.send(address=new, purpose=Purpose.SIGN_IN, client=client, subject=user.id)
    old = getattr(user, name)
    if old and name not in user.unproven:
        messages.send(channel="email" if name == "email" else "sms", to=old, subject="Your address was changed",
                      body=f"The {name} of your account was changed. If this was not you, contact support at once.")

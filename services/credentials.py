"""Changing a password: with the old one, by a mailed link, by a code, or after a code was entered."""
import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import timedelta

from config import settings
from documents import clock
from documents.errors import Conflict, Invalid
from documents.otps import Otp, Purpose
from documents.password_resets import PasswordReset
from documents.sessions import Session
from documents.transactions import atomic
from documents.users import User
from services import addresses, logins, messages, otps, passwords, sessions
from services.otps import InvalidCode
from services.sessions import Device, SignedIn

AFTER_CODE = timedelta(minutes=10)
"""How long after entering a code its session may set a new password without the old one."""


class InvalidLink(Invalid):
    code = "invalid_reset_link"
    detail = "Invalid or expired token"


def change(*, user: User, old_password: str, new_password: str, device: Device) -> SignedIn:
    """Set a new password, end every session and open a new one. Raises Invalid for a wrong old or weak new one."""
    passwords.check(new_password, field="new_password")
    confirm(user=user, password=old_password, code=None, client=device.address, field="old_password",
            wrong="Old password is incorrect.")
    return _set_and_enter(user=user, hashed=passwords.hashed(new_password), device=device)


def reset(*, user: User | None, address: str | None, code: str | None, new_password: str, device: Device) -> User:
    """Set a new password with a live session (`user`), a reset code, or right after a code was entered.

    Every session ends. Raises Invalid for a weak password, InvalidCode when nothing proves the address.
    """
    passwords.check(new_password, field="new_password")
    if code is not None and address is not None:
        return reset_by_code(address=address, code=code, new_password=new_password)
    if user is not None:
        return _set_own(user=user, hashed=passwords.hashed(new_password))
    if address is None:
        raise Invalid.field("phone", "This field is required.")
    return reset_after_code(address=address, new_password=new_password, device=device)


def confirm(*, user: User, password: str | None, code: str | None, client: str, field: str = "current_password",
            wrong: str = "Current password is incorrect.") -> None:
    """Make sure that `user` is at the keyboard: by the current password, or a fresh code of one of its addresses.

    Raises Invalid naming `field` when the password is wrong or neither is given; TooMany as a login does.
    """
    if code is not None and password is None:
        _use_code_of(user, code)
        return
    if password is None:
        raise Invalid.field(field, "Enter the current password, or a code sent to your e-mail or phone as otp.")
    try:
        logins.check_password(user, password, key=str(user.id), client=client)
    except logins.InvalidCredentials as error:
        raise Invalid.field(field, wrong) from error


def send_reset(*, address: str, client: str) -> None:
    """Send a reset link to an e-mail address, or a reset code to a phone. Raises TooMany after five an hour.

    Unknown addresses get nothing, and the caller cannot tell.
    """
    otps.admit(address)
    user = _resettable(address)
    if user is not None and addresses.field_of(address) == "email":
        _mail_link(user=user)
    else:
        otps.send(address=address, purpose=Purpose.RESET, client=client, secretly=user is None)


def reset_by_link(*, uid: str, token: str, new_password: str) -> User:
    """Set a new password by a mailed link, which also proves the address. Raises InvalidLink."""
    passwords.check(new_password)
    try:
        user_id = int(base64.urlsafe_b64decode(uid + "=" * (-len(uid) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidLink from error
    if not PasswordReset.find_one({"_id": user_id, "digest": _digest(user_id, token)}):
        raise InvalidLink  # before the hash, which is what costs
    return _reset_by_link(user_id=user_id, digest=_digest(user_id, token), hashed=passwords.hashed(new_password))


def reset_by_code(*, address: str, code: str, new_password: str) -> User:
    """Set a new password by a reset code sent to `address`. Raises InvalidCode, Invalid for a weak password."""
    passwords.check(new_password)
    otp = otps.judge(address=address, code=code, purposes=(Purpose.RESET,))
    return _reset_by_code(otp=otp, hashed=passwords.hashed(new_password))


def reset_after_code(*, address: str, new_password: str, device: Device) -> User:
    """Set a new password right after this client entered a code of `address`. Raises InvalidCode.

    The session that the code opened, from the same network address, is the proof; it is used up with all others.
    """
    holder = User.by_address(addresses.field_of(address), address)
    proof = holder and Session.find_one({
        "user": holder.id, "created_at": {"$gt": clock.now() - AFTER_CODE}, "proved": address,
        "address": device.address, "device": device.agent}, sort=[("created_at", -1)])
    if proof is None:
        raise InvalidCode
    return _reset_after_code(proof=proof, hashed=passwords.hashed(new_password))


@atomic
def set_password(*, user_id: int, hashed: str, match: dict | None = None, proved: str | None = None) -> User | None:
    """Store a new hash, end every session and void every link of the user, in one transaction.

    Returns None for a disabled user or one that does not meet `match`. `proved` names an address field that the
    change has proved as well.
    """
    update: dict = {"$set": {"password": hashed}}
    if proved is not None:
        update = {"$set": {"password": hashed, "is_verified": True}, "$pull": {"unproven": proved}}
    user = User.change({"_id": user_id, "is_active": True, **(match or {})}, update)
    if user is not None:
        Session.end_all(user_id)
        PasswordReset.void(user_id)
    return user


@atomic
def _set_and_enter(*, user: User, hashed: str, device: Device) -> SignedIn:
    return sessions.open_session(user=_set_own(user=user, hashed=hashed), device=device)


@atomic
def _set_own(*, user: User, hashed: str) -> User:
    # The old hash is part of the match: of two changes at once, the second must not undo the first unseen.
    changed = set_password(user_id=user.id, hashed=hashed, match={"password": user.password})
    if changed is None:
        raise Conflict("The password was changed meanwhile.")
    if changed.email and "email" not in changed.unproven:
        messages.send(channel="email", to=changed.email, subject="Your password was changed",
                      body="Your password was changed. If this was not you, reset it at once.")
    return changed


@atomic
def _reset_by_link(*, user_id: int, digest: str, hashed: str) -> User:
    link = PasswordReset.use_up(user_id, digest, clock.now())
    user = link and set_password(user_id=user_id, hashed=hashed, match={"email": link.email}, proved="email")
    if user is None:
        raise InvalidLink
    return user


@atomic
def _reset_by_code(*, otp: Otp, hashed: str) -> User:
    otps.use_up(otp)
    field = addresses.field_of(otp.address)
    holder = User.by_address(field, otp.address)
    user = holder and set_password(user_id=holder.id, hashed=hashed, match={field: otp.address}, proved=field)
    if user is None:
        raise InvalidCode
    return user


@atomic
def _reset_after_code(*, proof: Session, hashed: str) -> User:
    if not Session.end(sid=proof.id, user_id=proof.user):
        raise InvalidCode
    user = set_password(user_id=proof.user, hashed=hashed,
                        match={addresses.field_of(proof.proved): proof.proved})
    if user is None:
        raise InvalidCode
    return user


def _resettable(address: str) -> User | None:
    """The active account that a reset through `address` may open: one that proved it, or has proved nothing yet."""
    field = addresses.field_of(address)
    user = User.by_address(field, address)
    if user is None or not user.is_active or (field in user.unproven and user.is_verified):
        return None
    return user


@atomic
def _mail_link(*, user: User) -> None:
    token = secrets.token_urlsafe(32)
    ends = clock.now() + timedelta(minutes=settings.current().password_reset_minutes)
    PasswordReset.void(user.id)
    PasswordReset(user=user.id, digest=_digest(user.id, token), email=user.email, expires_at=ends).create()
    uid = base64.urlsafe_b64encode(str(user.id).encode()).decode().rstrip("=")
    link = f"{settings.current().frontend_url.rstrip('/')}/reset-password/{uid}/{token}/"
    messages.send(channel="email", to=user.email, subject="Password Reset Request", expires_at=ends,
                  body=f"Hello {user.first_name or user.login_name},\n\nset a new password here: {link}\n\n"
                       "If you did not ask for this, ignore this message.")


def _digest(user_id: int, token: str) -> str:
    key = settings.current().key_for("password-reset")
    return hmac.new(key, f"{user_id}:{token}".encode(), hashlib.sha256).hexdigest()


def _use_code_of(user: User, code: str) -> None:
    for address in user.proven_addresses():
        try:
            otps.use_up(otps.judge(address=address, code=code, purposes=(Purpose.SIGN_IN,)))
        except InvalidCode:
            continue
        return
    raise InvalidCode

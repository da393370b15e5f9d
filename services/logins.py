"""Logging in: with a password, or with a code sent to one's address."""
from datetime import timedelta

from documents import clock
from documents.errors import InvalidCredentials
from documents.ids import next_id
from documents.otps import Otp, Purpose
from documents.permissions import UserType
from documents.sessions import Session
from documents.signups import Signup
from documents.throttles import Throttle
from documents.transactions import atomic
from documents.users import User
from services import accounts, addresses, events, otps, passwords, referrals, sessions
from services.otps import InvalidCode
from services.sessions import Device, SignedIn

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_FROM_ONE_CLIENT = 10
FAILURES_FROM_ALL_CLIENTS = 100
"""Far above the other, so that nobody can lock an owner out with ten wrong guesses from elsewhere."""


def log_in(*, login: str, password: str, device: Device) -> SignedIn:
    """Open a session for the person whose e-mail, phone or user name is `login`.

    Raises InvalidCredentials in the same time whether or not the account exists, TooMany after too many failures.
    """
    return sessions.open_session(user=_with_password(login, password, device), device=device)


def log_in_staff(*, login: str, password: str, device: Device) -> SignedIn:
    """Open a session at the admin console. Raises as `log_in`; for people who are no staff too."""
    user = _with_password(login, password, device)
    if not user.is_console_staff:
        raise InvalidCredentials
    return sessions.open_session(user=user, device=device, console=True)


def _with_password(login: str, password: str, device: Device) -> User:
    user = find(login)
    check_password(user, password, key=str(user.id) if user else login.lower(), client=device.address)
    if user is None:
        raise InvalidCredentials
    if passwords.outdated(user.password):
        user = User.change({"_id": user.id, "password": user.password},
                           {"$set": {"password": passwords.hashed(password)}})
    if user is None:  # the password was changed this very moment: judge again by the new one
        return _with_password(login, password, device)
    return user


def check_password(user: User | None, password: str, *, key: str, client: str) -> None:
    """Raise InvalidCredentials unless `password` is the user's; failures are counted under `key`.

    Only what is recorded counts: a failure is counted before it is answered, and a right password passes only while
    the recorded failures leave room, so parallel guesses get no more verdicts than guesses in a row.
    """
    from_here = f"login:{key}:{client}"
    caps = {from_here: FAILURES_FROM_ONE_CLIENT, f"login:{key}": FAILURES_FROM_ALL_CLIENTS}
    Throttle.check(caps)
    right = passwords.verify(user.password if user else None, password)
    if right:
        Throttle.check(caps)
        Throttle.forget(from_here)
        return
    for name, limit in caps.items():
        Throttle.hit(key=name, limit=limit, window=FAILURE_WINDOW)
    raise InvalidCredentials


def find(login: str) -> User | None:
    """The user of an e-mail, phone or user name as a person types it."""
    email = addresses.email(login)
    if email:
        return User.by_address("email", email)
    phone = addresses.phone(login)
    return (User.by_address("phone", phone) if phone else None) or User.by_username(login)


def send_code(*, address: str, client: str) -> None:
    """Send a login code, or the next code of a signup, to `address`. Raises TooMany after five an hour.

    Nothing goes to an unknown e-mail address or a disabled account, and the caller cannot tell.
    """
    otps.admit(address)
    field = addresses.field_of(address)
    user = User.by_address(field, address)
    known = user.is_active if user else field == "phone" or _awaits_code(address)
    otps.send(address=address, purpose=Purpose.SIGN_IN, client=client, secretly=not known)


def log_in_with_code(*, address: str, code: str, device: Device) -> SignedIn:
    """Open a session for whoever holds `address`, making or verifying the account where due. Raises InvalidCode."""
    otp = otps.judge(address=address, code=code, purposes=(Purpose.SIGN_IN, Purpose.RESET))
    return _enter(otp=otp, device=device)


@atomic
def _enter(*, otp: Otp, device: Device) -> SignedIn:
    otps.use_up(otp)
    signed_in = sessions.open_session(user=_owner(otp), device=device, proved=otp.address)
    referrals.apply_promised(user=signed_in.user)
    return signed_in


def _owner(otp: Otp) -> User:
    """The account of the person who has just proved to hold the code's address."""
    field, attempt = addresses.field_of(otp.address), _signup(otp)
    holder = User.by_address(field, otp.address)
    if holder is not None and field in holder.unproven:
        own = holder.id == otp.subject and not otp.contested
        if own or (attempt is None and not holder.is_verified):
            return _prove(holder, field, keep_password=own)
        # Somebody else's account merely claims this address: its owner must not be led into that account.
        User.release(field, otp.address)
    elif holder is not None:
        return _active(holder)
    if attempt is not None:
        return accounts.activate(attempt, otp)
    if field == "email":
        raise InvalidCode
    return _client_with_phone(otp.address)


def _prove(user: User, field: str, *, keep_password: bool) -> User:
    """Mark the address proved. Unless the code belongs to this registration, whoever registered may have been
    somebody else: the password and all sessions go, and the holder of the address sets a new one."""
    update: dict = {"$pull": {"unproven": field}, "$set": {"is_verified": True}}
    if not keep_password:
        update["$unset"] = {"password": ""}
        Session.end_all(user.id)
    return _active(User.change({"_id": user.id, "is_active": True}, update))


def _client_with_phone(phone: str) -> User:
    user = User(id=next_id("users"), phone=phone, user_type=UserType.CLIENT.value, is_verified=True,
                date_joined=clock.now()).create()
    events.record("user.registered", subject=f"user:{user.id}", user=user.id)
    return user


def _active(user: User | None) -> User:
    if user is None or not user.is_active:
        raise InvalidCode
    return user


def _signup(otp: Otp) -> Signup | None:
    if otp.subject is None:
        return None
    return Signup.find_one({"_id": otp.subject, "expires_at": {"$gt": clock.now()}})


def _awaits_code(address: str) -> bool:
    otp = Otp.find_one({"_id": address, "forgotten_at": {"$gt": clock.now()}})
    return otp is not None and _signup(otp) is not None

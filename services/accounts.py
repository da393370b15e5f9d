"""New accounts: signing up (usable once a code is entered) and registering (usable at once)."""
from dataclasses import dataclass
from datetime import datetime

from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid
from documents.ids import next_id
from documents.otps import Otp, Purpose
from documents.permissions import UserType
from documents.signups import KEPT_FOR, Signup
from documents.transactions import atomic, current_session
from documents.users import ADDRESSES, User
from services import addresses, events, otps, passwords, referrals, sessions
from services.sessions import Device, SignedIn

TAKEN = {"email": "User with this email already exists.", "phone": "User with this phone already exists.",
         "username": "A user with that username already exists."}


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """What a person says about itself; addresses are normalised, and at least one of them is given."""

    email: str | None = None
    phone: str | None = None
    username: str | None = None
    first_name: str = ""
    last_name: str = ""
    referral_code: str | None = None

    def fields(self) -> dict:
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A signup whose code is on its way."""

    user_id: int
    otp_expires_at: datetime


def signup(*, applicant: Applicant, password: str, client: str) -> Pending:
    """Send codes to the applicant's addresses; entering one makes the account. `client` is a network address.

    Raises Invalid for a weak password, an unknown referral code, a taken name or address. An address that somebody
    else merely claims, or has signed up with before, is not taken.
    """
    passwords.check(password)
    applicant = _checked(applicant, claims_count=False)
    given = _admitted(applicant)
    return _store_signup(applicant=applicant, hashed=passwords.hashed(password), given=given, client=client)


def register(*, applicant: Applicant, password: str, device: Device) -> SignedIn:
    """Make a client account that is usable at once and unverified, and send codes to its addresses.

    Raises Invalid as `signup` does, also when another registered account claims the address.
    """
    passwords.check(password)
    applicant = _checked(applicant, claims_count=True)
    given = _admitted(applicant)
    hashed = passwords.hashed(password)
    try:
        return _store_registration(applicant=applicant, hashed=hashed, given=given, device=device)
    except Duplicate as lost:
        raise taken(lost) from lost


def need_address(*, email: str | None, phone: str | None) -> None:
    """Raise Invalid for an account that nobody could ever be reached under."""
    if not (email or phone):
        sentence = "An e-mail address or a phone number is required."
        raise Invalid(sentence, errors={name: [sentence] for name in ADDRESSES})


def refuse_taken(fields: dict, *, besides: int | None = None, claims_count: bool = True) -> None:
    """Raise Invalid for each of email, phone and username in `fields` that is somebody else's (not of `besides`).

    The unique indexes are what holds; this only says it in good time, and about all fields at once.
    """
    errors = {}
    for name in ADDRESSES:
        holder = User.by_address(name, fields[name]) if fields.get(name) else None
        if holder and holder.id != besides and (claims_count or name not in holder.unproven):
            errors[name] = [TAKEN[name]]
    namesake = User.by_username(fields["username"]) if fields.get("username") else None
    if namesake and namesake.id != besides:
        errors["username"] = [TAKEN["username"]]
    if errors:
        raise Invalid(next(iter(errors.values()))[0], errors=errors)


def taken(duplicate: Duplicate) -> Invalid:
    """The same refusal, for whoever passed `refuse_taken` and then lost the race for the index."""
    name = duplicate.index.partition("_")[0]
    return Invalid.field(name, TAKEN[name]) if name in TAKEN else Invalid(duplicate.detail)


def own_username(username: str | None, *, email: str | None, phone: str | None) -> str | None:
    """The user name to store: None for one's own address; raises Invalid for what could be somebody else's."""
    if username is None:
        return None
    spelled = addresses.email(username) or addresses.phone(username)
    if spelled is None and "@" not in username:
        return username
    if spelled in (email, phone):
        return None
    raise Invalid.field("username", "A user name may not look like somebody else's address.")


@atomic
def activate(signup_: Signup, otp: Otp) -> User:
    """Make the account of a signup whose code was entered. The addresses must be free or merely claimed.

    A contested signup (somebody at another network address asked for a code of the same address meanwhile) leaves
    its password behind: nobody can tell whose it is, and whoever holds the address may set a new one.
    """
    proved = addresses.field_of(otp.address)
    names = (*ADDRESSES, "username", "first_name", "last_name", "referral_code")
    fields = {name: getattr(signup_, name) for name in names}
    for other in set(ADDRESSES) - {proved}:
        if fields[other] and User.by_address(other, fields[other]):
            fields[other] = None
    if fields["username"] and User.by_username(fields["username"]):
        fields["username"] = None
    user = User(id=signup_.id, **fields, password=None if otp.contested else signup_.password,
                user_type=UserType.CLIENT.value, is_verified=True, date_joined=clock.now(),
                unproven=[name for name in ADDRESSES if fields[name] and name != proved]).create()
    Signup.collection().delete_one({"_id": signup_.id}, session=current_session())
    events.record("user.registered", subject=f"user:{user.id}", user=user.id)
    return user


@atomic
def _store_signup(*, applicant: Applicant, hashed: str, given: list[str], client: str) -> Pending:
    now = clock.now()
    attempt = Signup(id=next_id("users"), password=hashed, created_at=now, expires_at=now + KEPT_FOR,
                     **applicant.fields()).create()
    for address in given:
        otps.send(address=address, purpose=Purpose.SIGN_IN, client=client, subject=attempt.id)
    return Pending(user_id=attempt.id, otp_expires_at=otps.expiry())


@atomic
def _store_registration(*, applicant: Applicant, hashed: str, given: list[str], device: Device) -> SignedIn:
    user = User(id=next_id("users"), password=hashed, user_type=UserType.CLIENT.value, date_joined=clock.now(),
                unproven=[addresses.field_of(address) for address in given], **applicant.fields()).create()
    for address in given:
        otps.send(address=address, purpose=Purpose.SIGN_IN, client=device.address, subject=user.id)
    events.record("user.registered", subject=f"user:{user.id}", user=user.id)
    return sessions.open_session(user=user, device=device)


def _checked(applicant: Applicant, *, claims_count: bool) -> Applicant:
    need_address(email=applicant.email, phone=applicant.phone)
    fields = applicant.fields() | {"username": own_username(applicant.username, email=applicant.email,
                                                            phone=applicant.phone)}
    refuse_taken(fields, claims_count=claims_count)
    if applicant.referral_code:
        referrals.check_code(applicant.referral_code)
    return Applicant(**fields)


def _admitted(applicant: Applicant) -> list[str]:
    given = [address for address in (applicant.email, applicant.phone) if address]
    for address in given:
        otps.admit(address)
    return given

"""One-time codes: sending them, and judging what people enter."""
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from config import settings
from documents import clock
from documents.errors import Invalid
from documents.otps import REMEMBERED_FOR, Otp, Purpose
from documents.throttles import Throttle
from documents.transactions import atomic
from services import messages
from services.addresses import channel_of

SENDS_PER_HOUR = 5
DIGITS = 6

_TEXTS = {
    Purpose.SIGN_IN: ("Your verification code", "Your verification code is {code}. It is good for {minutes} minutes."),
    Purpose.RESET: ("Your password reset code", "Your password reset code is {code}. It is good for {minutes} minutes. "
                    "If you did not ask for it, ignore this message."),
}


class InvalidCode(Invalid):
    """Wrong, expired, used, or guessed too often: the answer is the same for all of them."""

    code = "invalid_otp"
    detail = "Invalid or expired OTP."

    def __init__(self) -> None:
        super().__init__(errors={"non_field_errors": [self.detail]})


def admit(address: str) -> None:
    """Count one message to `address`; raises TooMany after five an hour. Outside any transaction, before `send`."""
    Throttle.hit(key=f"send:{address}", limit=SENDS_PER_HOUR, window=timedelta(hours=1))


def expiry() -> datetime:
    """When a code sent now ends."""
    return clock.now() + timedelta(minutes=settings.current().otp_expiry_minutes)


@atomic
def send(*, address: str, purpose: Purpose, client: str, subject: int | None = None, secretly: bool = False) -> None:
    """Send a new code to `address` in place of its older one.

    `subject` is the signup or registered user it is to verify. Without one (a resend, a login) the code keeps the
    subject of its predecessor, and is contested when `client`, the asking network address, is another than before.
    `secretly` does all but tell anybody: for addresses that get nothing, in the time that the others take.
    """
    now, ends, code = clock.now(), expiry(), f"{secrets.randbelow(10 ** DIGITS):0{DIGITS}}"
    older = Otp.find_one({"_id": address, "forgotten_at": {"$gt": now}, "subject": {"$type": "number"}})
    row = {
        "purpose": purpose.value, "digest": digest(address, purpose, code), "tries": 0,
        "subject": subject if subject is not None else older and older.subject,
        "client": older.client if older and subject is None else client,
        "contested": older is not None and (older.contested or older.client != client),
        "expires_at": ends, "forgotten_at": now + REMEMBERED_FOR,
    }
    if Otp.change_row({"_id": address}, {"$set": row}) is None:
        Otp.insert({"_id": address, **row})
    if secretly:
        return
    title, text = _TEXTS[purpose]
    messages.send(channel=channel_of(address), to=address, subject=title, code=code, expires_at=ends,
                  body=text.format(code=code, minutes=settings.current().otp_expiry_minutes))


def judge(*, address: str, code: str, purposes: tuple[Purpose, ...]) -> Otp:
    """The code's document if `code` is right; raises InvalidCode. The try is counted before it is judged.

    Outside any transaction, so that nothing rolls the count back. Whoever acts on it must also `use_up` it.
    """
    otp = Otp.count_try(address, purposes, clock.now())
    if otp is None or not hmac.compare_digest(otp.digest, digest(address, Purpose(otp.purpose), code)):
        raise InvalidCode
    return otp


def use_up(otp: Otp) -> None:
    """Spend the code, in the transaction of its effect. Raises InvalidCode when somebody was faster."""
    if not otp.use_up():
        raise InvalidCode


def digest(address: str, purpose: Purpose, code: str) -> str:
    """What is stored of a code: useless without the installation's key."""
    text = f"{purpose.value}:{address}:{code}".encode()
    return hmac.new(settings.current().key_for("otp"), text, hashlib.sha256).hexdigest()

"""E-mail addresses and phone numbers in the one spelling under which they are stored and compared."""
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from config import settings


def email(text: str) -> str | None:
    """The address lower-cased as a whole, so that one mailbox is one account; None when it is no address."""
    try:
        # Not "globally deliverable": a shop's own network may well end in .local or .test.
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return checked.normalized.lower() if "." in checked.domain else None


def phone(text: str) -> str | None:
    """The number as E.164; one without a country code is of PHONE_REGION; None when it is no valid number."""
    try:
        number = phonenumbers.parse(text, settings.current().phone_region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def field_of(address: str) -> str:
    """Which field of a user a normalised address stands in."""
    return "email" if "@" in address else "phone"


def channel_of(address: str) -> str:
    return "email" if "@" in address else "sms"

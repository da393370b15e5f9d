"""Fields of the wire format: strict about types, so that no query below is ever built from anything but a scalar."""
import functools
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from config import settings
from documents import money
from services import addresses

LARGEST_INTEGER = 2**63 - 1
"""MongoDB keeps 64 bits; a larger number is refused here instead of failing there."""
LARGEST_JSON = 200
_WORD = re.compile(r"\w{1,60}", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)


class Str(fields.String):
    """Text, trimmed. Refuses other types, NULs, half surrogate pairs, and blanks unless `blank=True`."""

    plain = True
    default_error_messages = {"invalid": "Not a valid string.", "blank": "This field may not be blank.",
                              "characters": "Null characters are not allowed."}

    def __init__(self, *, max: int = 500, min: int | None = None, blank: bool = False, trim: bool = True,
                 **options: Any) -> None:
        self.blank, self.trim = blank, trim
        super().__init__(**options)
        least = min if min is not None else (None if blank else 1)
        self.validators = [Length(max=max, error=f"Ensure this field has no more than {max} characters."),
                           *self.validators]
        if least:
            self.validators.insert(0, Length(min=least, error=f"Ensure this field has at least {least} characters."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not _storable(value):
            raise self.make_error("characters")
        text = value.strip() if self.trim else value
        if not text and not self.blank:
            raise self.make_error("blank")
        return text

    def _validate(self, value: Any) -> None:
        # A subclass may read a blank as None: then there is no text to measure.
        if value is not None:
            super()._validate(value)

    def write(self, value: Any) -> str:
        return value


class ChoiceField(Str):
    """One of `choices` (strings), exactly as written; `upper=True` accepts any case."""

    def __init__(self, choices: Iterable[str], *, upper: bool = False, **options: Any) -> None:
        self.upper = upper
        super().__init__(**options)
        self.validators = [OneOf([str(choice) for choice in choices], error='"{input}" is not a valid choice.')]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return text.upper() if self.upper else text


class IntField(fields.Integer):
    """A 64-bit integer, from a JSON integer or plain digits; no booleans, no decimals."""

    plain = True
    default_error_messages = {"invalid": "A valid integer is required."}

    def __init__(self, *, min: int | None = None, max: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        if max is not None:
            self.validators.insert(0, Range(max=max, error="Ensure this value is less than or equal to {max}."))
        if min is not None:
            self.validators.insert(0, Range(min=min, error="Ensure this value is greater than or equal to {min}."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_INTEGER:
            raise self.make_error("invalid")
        return value

    def write(self, value: Any) -> int:
        return value


class Id(IntField):
    """The integer id of something stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min=1, **options)


class IntChoiceField(IntField):
    """One of `choices` (integers)."""

    def __init__(self, choices: Iterable[int], **options: Any) -> None:
        super().__init__(**options)
        self.validators = [OneOf([int(choice) for choice in choices], error='"{input}" is not a valid choice.')]


class ObjectIdField(Str):
    """An ObjectId of the database, as its 24 hex digits. Only ever written."""

    plain = False

    def __init__(self, **options: Any) -> None:
        super().__init__(dump_only=True, **options)

    def write(self, value: Any) -> str:
        return str(value)


class BoolField(fields.Boolean):
    """true or false; forms may also say 1, 0, True or False."""

    plain = True
    default_error_messages = {"invalid": "Must be a valid boolean."}
    _WORDS = {"true": True, "false": False, "1": True, "0": False}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool):
            return value
        word = self._WORDS.get(value.strip().lower()) if isinstance(value, str) else None
        if word is None:
            raise self.make_error("invalid")
        return word

    def write(self, value: Any) -> bool:
        return value


class MoneyField(fields.String):
    """Minor units inside, a two-decimal string outside. `minimum` and `maximum` are minor units."""

    default_error_messages = {"invalid": "A valid amount is required."}
    pattern = r"^\d{1,8}(\.\d{1,2})?$"
    example = "100.00"

    def __init__(self, *, minimum: int = 1, maximum: int = money.MAX_AMOUNT, **options: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        if minimum < 0:
            self.pattern = r"^-?\d{1,13}(\.\d{1,2})?$"
        options["metadata"] = {"pattern": self.pattern, "example": self.example, **options.get("metadata", {})}
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            minor = money.parse(value)
        except ValueError as error:
            raise self.make_error("invalid") if not error.args else _invalid(str(error)) from error
        if minor < self.minimum:
            raise _invalid(f"Ensure this value is greater than or equal to {money.text(self.minimum)}.")
        if minor > self.maximum:
            raise _invalid(f"Ensure this value is less than or equal to {money.text(self.maximum)}.")
        return minor

    def write(self, value: int) -> str:
        return money.text(value)


class PercentField(MoneyField):
    """A percentage with at most two decimals; basis points (hundredths of a percent) inside."""

    pattern = r"^\d{1,3}(\.\d{1,2})?$"
    example = "5.50"

    def __init__(self, *, minimum: int = 0, maximum: int = 10_000, **options: Any) -> None:
        super().__init__(minimum=minimum, maximum=maximum, **options)


class FigureField(fields.Float):
    """A sum over many rows, written as a JSON number; minor units inside. Only ever written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(dump_only=True, **options)

    def write(self, value: int) -> float:
        return money.number(value)


class TimeField(fields.DateTime):
    """A moment: written as RFC 3339 with Z; read as ISO 8601, in BUSINESS_TIMEZONE when it names no offset."""

    default_error_messages = {"invalid": "Not a valid date and time (ISO 8601)."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
            if moment is None:
                raise self.make_error("invalid")
            zone = settings.current().timezone
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _invalid(self.error_messages["invalid"]) from error

    def write(self, value: datetime) -> str:
        return _rfc_3339(value)


class DateField(fields.Date):
    """A calendar day, YYYY-MM-DD."""

    default_error_messages = {"invalid": "Not a valid date (YYYY-MM-DD)."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip(), re.ASCII):
            raise self.make_error("invalid")
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise self.make_error("invalid") from error

    def write(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class PhoneField(Str):
    """A phone number, kept as E.164; one without a country code is of PHONE_REGION."""

    default_error_messages = {"invalid_phone": "Enter a valid phone number."}

    def __init__(self, **options: Any) -> None:
        options["metadata"] = {"example": "+919876543210", **options.get("metadata", {})}
        super().__init__(max=30, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = addresses.phone(super()._deserialize(value, attr, data, **kwargs))
        if number is None:
            raise self.make_error("invalid_phone")
        return number


class EmailField(Str):
    """An e-mail address, lower-cased as a whole, so that one mailbox is one account."""

    default_error_messages = {"invalid_email": "Enter a valid email address."}

    def __init__(self, **options: Any) -> None:
        options["metadata"] = {"format": "email", "example": "shop@example.com", **options.get("metadata", {})}
        super().__init__(max=254, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        address = addresses.email(super()._deserialize(value, attr, data, **kwargs))
        if address is None:
            raise self.make_error("invalid_email")
        return address


class JsonField(fields.Dict):
    """A free-form JSON object, such as somebody's preferences: plain keys, at most `LARGEST_JSON` values in all."""

    default_error_messages = {"invalid": "Not a valid object.", "keys": "Keys must be plain words."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return self._clean(value, [0])

    def _number(self, value: Decimal) -> float:
        number = float(value)
        if not math.isfinite(number):
            raise self.make_error("invalid")
        return number

    def _clean(self, value: Any, seen: list[int]) -> Any:
        seen[0] += 1
        if seen[0] > LARGEST_JSON:
            raise _invalid(f"Ensure this has no more than {LARGEST_JSON} values.")
        if isinstance(value, dict):
            if not all(_WORD.fullmatch(key) for key in value):
                raise self.make_error("keys")
            return {key: self._clean(item, seen) for key, item in value.items()}
        if isinstance(value, list):
            return [self._clean(item, seen) for item in value]
        if isinstance(value, Decimal):
            return self._number(value)
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER or isinstance(value, str) and not _storable(value):
            raise self.make_error("invalid")
        return value


@functools.lru_cache(maxsize=2048)
def _rfc_3339(moment: datetime) -> str:
    # A page has forty of these, and the next call of the list mostly the same ones.
    at = moment.astimezone(UTC) if moment.tzinfo else moment
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _invalid(message: str) -> ValidationError:
    return ValidationError(message)


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text

"""People on the wire: the user object that every client reads, and what names and addresses must look like."""
from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from marshmallow.validate import Regexp

from blueprints.schemas.base import Schema
from blueprints.schemas.fields import (
    BoolField,
    DateField,
    EmailField,
    Id,
    IntField,
    JsonField,
    MoneyField,
    PhoneField,
    Str,
    TimeField,
)
from documents.permissions import UserType
from services.cards import card_of_row

USERNAME = Regexp(r"^[\w.@+-]+\Z", error="Enter a valid username. This value may contain only letters, numbers, "
                                         "and @/./+/-/_ characters.")
LINK = Regexp(r"^((https?://|/(?!/))\S*)?\Z", error="Enter a valid URL.")


class ProfileFields(Schema):
    bio = Str(blank=True, allow_none=True, max=500)
    address = Str(blank=True, allow_none=True, max=500)
    location = Str(blank=True, allow_none=True, max=100)
    website = Str(blank=True, allow_none=True, max=200, validate=LINK)
    date_of_birth = DateField(allow_none=True)
    profile_picture = Str(blank=True, allow_none=True, max=500, validate=LINK)
    student_id = Str(blank=True, allow_none=True, max=50)
    institution = Str(blank=True, allow_none=True, max=255)
    graduation_year = IntField(min=1900, max=2200, allow_none=True)
    notification_preferences = JsonField(allow_none=True)
    privacy_settings = JsonField(allow_none=True)


class ProfileOut(ProfileFields):
    phone_number = PhoneField(allow_none=True)


class UserOut(Schema):
    id = Id()
    username = Str()
    email = EmailField(allow_none=True)
    phone = PhoneField(allow_none=True)
    first_name = Str(blank=True)
    last_name = Str(blank=True)
    full_name = Str(blank=True)
    name = Str(blank=True)
    user_type = IntField(metadata={"enum": [member.value for member in UserType]})
    user_type_display = Str(metadata={"enum": [member.display for member in UserType]})
    parent = Id(allow_none=True, metadata={"description": "The distributor that a retailer belongs to"})
    is_active = BoolField()
    is_verified = BoolField()
    is_staff = BoolField()
    is_superuser = BoolField()
    date_joined = TimeField()
    last_login = TimeField(allow_none=True)
    wallet_id = Id(allow_none=True)
    wallet_balance = MoneyField(minimum=0)
    profile = fields.Nested(ProfileOut)


class UserRow(UserOut):
    """The user object from a stored row with its wallet, for lists."""

    def _row(self, item: Mapping[str, Any]) -> dict:
        return super()._row(card_of_row(item))


def tidied(data: Any, *optional: str) -> Any:
    """The body without optional keys that are blank or null: forms and old clients send what is not filled in."""
    if not isinstance(data, Mapping):
        return data
    return {name: value for name, value in data.items()
            if name not in optional or not (value is None or isinstance(value, str) and not value.strip())}


def split_name(full_name: str) -> dict[str, str]:
    """The first word and the rest."""
    first, _, rest = full_name.partition(" ")
    return {"first_name": first, "last_name": rest.strip()}


def names_of(data: dict) -> dict[str, str]:
    """first_name and last_name as far as the body gives them, in whichever of its spellings."""
    whole = data.pop("full_name", None) or data.pop("name", None)
    data.pop("name", None)
    given = {name: data.pop(name) for name in ("first_name", "last_name") if name in data}
    return given or (split_name(whole) if whole else {})

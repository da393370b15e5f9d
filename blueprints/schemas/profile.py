"""A person's own profile on the wire: flat as some clients send it, or under `profile`."""
from datetime import date
from typing import Any

from marshmallow import fields, post_load, pre_load

from blueprints.schemas.auth import CodeField, PasswordField
from blueprints.schemas.fields import EmailField, PhoneField, Str
from blueprints.schemas.users import USERNAME, ProfileFields, UserOut, names_of, tidied

_PROFILE_NAMES = tuple(ProfileFields().fields)


class ProfileIn(ProfileFields):
    first_name = Str(max=150, blank=True)
    last_name = Str(max=150, blank=True)
    full_name = Str(max=150)
    name = Str(max=150, metadata={"description": "The same as `full_name`"})
    username = Str(max=150, validate=USERNAME)
    email = EmailField(allow_none=True)
    phone = PhoneField(allow_none=True)
    phone_number = PhoneField(allow_none=True, metadata={"description": "The same as `phone`"})
    profile = fields.Nested(ProfileFields)
    current_password = PasswordField(metadata={"description": "For a new e-mail or phone"})
    otp = CodeField(max=10, metadata={"description": "Instead of `current_password`: a code sent to the caller"})

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, "username", "full_name", "name", "current_password", "otp")

    @post_load
    def _sorted(self, data: dict, **_: Any) -> dict:
        if "phone_number" in data:
            data.setdefault("phone", data["phone_number"])
        flat = {name: data[name] for name in _PROFILE_NAMES if name in data}
        profile = {**flat, **data.get("profile", {})}
        changes = names_of(data) | {name: data[name] for name in ("username", "email", "phone") if name in data}
        return {"changes": changes, "current_password": data.get("current_password"), "code": data.get("otp"),
                "profile": {name: value.isoformat() if isinstance(value, date) else value
                            for name, value in profile.items()}}


class ProfileUpdated(UserOut):
    message = Str()
    updated_fields = fields.Dict(keys=fields.String(), metadata={"description": "What was sent and taken over"})

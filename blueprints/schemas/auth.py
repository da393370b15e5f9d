"""Signing up, logging in and staying logged in, on the wire."""
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates_schema

from blueprints.schemas.base import REQUIRED, Schema
from blueprints.schemas.fields import BoolField, EmailField, Id, IntField, PhoneField, Str, TimeField
from blueprints.schemas.users import USERNAME, UserOut, names_of, tidied
from services.accounts import Applicant
from services.passwords import MAX_LENGTH

MISMATCH = "Passwords don't match."


class CodeField(Str):
    """A one-time code: digits as a string; a JSON number gets back the zeros it cannot begin with."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10 ** 6:
            value = f"{value:06}"
        return super()._deserialize(value, attr, data, **kwargs)


class PasswordField(Str):
    """A password as it was typed: not trimmed. Its strength is the service's business."""

    def __init__(self, **options: Any) -> None:
        about = {"format": "password", "example": "correct-horse-7", **options.pop("metadata", {})}
        super().__init__(max=MAX_LENGTH, trim=False, load_only=True, metadata=about, **options)


class SignupIn(Schema):
    email = EmailField()
    phone = PhoneField()
    phone_number = PhoneField(metadata={"description": "The same as `phone`"})
    username = Str(max=150, validate=USERNAME)
    full_name = Str(max=150)
    name = Str(max=150, metadata={"description": "The same as `full_name`"})
    first_name = Str(max=150)
    last_name = Str(max=150)
    referral_code = Str(max=20, metadata={"description": "Applied once an address is verified"})
    password = PasswordField(required=True)
    password_confirm = PasswordField()

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, *(name for name in self.fields if not name.startswith("password")))

    @validates_schema
    def _same(self, data: dict, **_: Any) -> None:
        if data.get("password_confirm", data["password"]) != data["password"]:
            raise ValidationError(MISMATCH)

    @post_load
    def _applicant(self, data: dict, **_: Any) -> dict:
        applicant = Applicant(email=data.get("email"), phone=data.get("phone") or data.get("phone_number"),
                              username=data.get("username"), referral_code=data.get("referral_code"), **names_of(data))
        return {"applicant": applicant, "password": data["password"]}


class SignupOut(Schema):
    message = Str()
    detail = Str()
    valid = BoolField()
    user_id = Id()
    otp_expires_at = TimeField()


class AddressIn(Schema):
    """One e-mail address or phone number, loaded as `address`."""

    email = EmailField()
    phone = PhoneField()

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, "email", "phone")

    @validates_schema
    def _one(self, data: dict, **_: Any) -> None:
        if not (data.get("email") or data.get("phone")):
            raise ValidationError({"email": [REQUIRED], "phone": [REQUIRED]})

    @post_load
    def _address(self, data: dict, **_: Any) -> dict:
        email, phone = data.pop("email", None), data.pop("phone", None)
        return {"address": email or phone, **data}


class CodeIn(AddressIn):
    otp = CodeField(max=10)
    otp_code = CodeField(max=10, metadata={"description": "The same as `otp`"})
    code = CodeField(max=10, metadata={"description": "The same as `otp`"})

    @validates_schema
    def _some_code(self, data: dict, **_: Any) -> None:
        if not (data.get("otp") or data.get("otp_code") or data.get("code")):
            raise ValidationError({"otp": [REQUIRED]})

    @post_load
    def _address(self, data: dict, **_: Any) -> dict:
        address = data.get("email") or data.get("phone")
        return {"address": address, "code": data.get("otp") or data.get("otp_code") or data.get("code")}


class CodeSentOut(Schema):
    message = Str()
    detail = Str()
    expires_in = IntField(metadata={"description": "Seconds"})
    otp_expires_at = TimeField()


class LoginIn(Schema):
    email = Str(max=254)
    phone = Str(max=30)
    username = Str(max=254)
    password = PasswordField(required=True)

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, "email", "phone", "username")

    @validates_schema
    def _one(self, data: dict, **_: Any) -> None:
        if not (data.get("email") or data.get("phone") or data.get("username")):
            raise ValidationError({"email": [REQUIRED]})

    @post_load
    def _login(self, data: dict, **_: Any) -> dict:
        return {"login": data.get("email") or data.get("phone") or data["username"], "password": data["password"]}


class RefreshIn(Schema):
    refresh = Str(max=2_000)
    refresh_token = Str(max=2_000, metadata={"description": "The same as `refresh`"})

    @validates_schema
    def _one(self, data: dict, **_: Any) -> None:
        if not (data.get("refresh") or data.get("refresh_token")):
            raise ValidationError({"refresh": [REQUIRED]})

    @post_load
    def _token(self, data: dict, **_: Any) -> dict:
        return {"token": data.get("refresh") or data["refresh_token"]}


class TokenPair(Schema):
    access = Str()
    refresh = Str()


class SessionOut(Schema):
    """The session reply. Everything below `user` repeats what stands above it, for old clients."""

    message = Str()
    detail = Str()
    valid = BoolField()
    access = Str(metadata={"description": "Send it as `Authorization: Bearer …`"})
    refresh = Str()
    expires_in = IntField(metadata={"description": "Seconds that `access` is good for"})
    user = fields.Nested(UserOut)
    access_token = Str()
    refresh_token = Str()
    user_data = fields.Nested(UserOut)
    token = Str()
    tokens = fields.Nested(TokenPair)


class ActiveOut(Schema):
    valid = BoolField()
    user = fields.Nested(UserOut)


class DoneOut(Schema):
    valid = BoolField()
    message = Str()
    detail = Str()


class SessionRow(Schema):
    id = Str(attribute="_id")
    device = Str(blank=True)
    address = Str(blank=True)
    created_at = TimeField()
    last_used_at = TimeField(attribute="refreshed_at", metadata={"description": "The last login or refresh"})
    expires_at = TimeField()
    current = BoolField(metadata={"description": "Whether this request came with it"})



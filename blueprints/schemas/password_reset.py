"""New passwords on the wire."""
from typing import Any

from marshmallow import ValidationError, post_load, pre_load, validates_schema

from blueprints.schemas.auth import MISMATCH, AddressIn, CodeField, PasswordField
from blueprints.schemas.base import REQUIRED, Schema
from blueprints.schemas.fields import EmailField, PhoneField, Str
from blueprints.schemas.users import tidied


class ResetAskedIn(AddressIn):
    """Where to send the reset link (e-mail) or code (phone)."""


class ResetConfirmIn(Schema):
    """Either `uid` and `token` of a mailed link, or an address and its `otp`."""

    uid = Str(max=40)
    token = Str(max=200)
    email = EmailField()
    phone = PhoneField()
    otp = CodeField(max=10)
    password = PasswordField()
    new_password = PasswordField(metadata={"description": "The same as `password`"})
    password_confirm = PasswordField()

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, *self.fields)

    @validates_schema
    def _complete(self, data: dict, **_: Any) -> None:
        password = data.get("password") or data.get("new_password")
        by_code = data.get("otp") and (data.get("phone") or data.get("email"))
        wanted = {} if by_code else {name: [REQUIRED] for name in ("uid", "token") if not data.get(name)}
        if not password:
            wanted["password"] = [REQUIRED]
        if wanted:
            raise ValidationError(wanted)
        if data.get("password_confirm", password) != password:
            raise ValidationError(MISMATCH)

    @post_load
    def _proof(self, data: dict, **_: Any) -> dict:
        new = {"new_password": data.get("password") or data["new_password"]}
        if data.get("uid") and data.get("token"):
            return {"uid": data["uid"], "token": data["token"], **new}
        return {"address": data.get("email") or data["phone"], "code": data["otp"], **new}


class ResetIn(Schema):
    """With the caller's token: `new_password` alone. Without: the address whose code was just entered, or `otp`."""

    email = EmailField()
    phone = PhoneField()
    otp = CodeField(max=10)
    new_password = PasswordField(required=True)

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, "email", "phone", "otp")

    @post_load
    def _proof(self, data: dict, **_: Any) -> dict:
        return {"address": data.get("phone") or data.get("email"), "code": data.get("otp"),
                "new_password": data["new_password"]}


class ChangePasswordIn(Schema):
    old_password = PasswordField(required=True)
    new_password = PasswordField(required=True)
    confirm_password = PasswordField()

    @pre_load
    def _names(self, data: Any, **_: Any) -> Any:
        if isinstance(data, dict) and "old_password" not in data and "current_password" in data:
            return {**data, "old_password": data["current_password"]}
        return data

    @validates_schema
    def _same(self, data: dict, **_: Any) -> None:
        if data.get("confirm_password", data["new_password"]) != data["new_password"]:
            raise ValidationError("New passwords don't match.")

    @post_load
    def _passwords(self, data: dict, **_: Any) -> dict:
        return {"old_password": data["old_password"], "new_password": data["new_password"]}

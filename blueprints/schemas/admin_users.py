"""Other people's accounts on the wire."""
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates_schema

from blueprints.schemas.auth import MISMATCH, PasswordField
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, EmailField, Id, IntChoiceField, PhoneField, Str
from blueprints.schemas.users import USERNAME, UserOut, names_of, tidied
from documents.permissions import UserType
from services.admin_users import MANAGED_TYPES

_NAMES = ("username", "email", "phone", "full_name", "name")


class UserFilters(Schema):
    user_type = IntChoiceField(UserType, metadata={"description": "Default: distributors and retailers"})
    is_active = BoolField()
    parent = Id(metadata={"description": "Only the retailers of this distributor"})


class SearchArgs(Schema):
    q = Str(required=True, max=100, metadata={"description": "Part of an e-mail, phone or name"})


class ManagedUser(Schema):
    email = EmailField()
    phone = PhoneField()
    username = Str(max=150, validate=USERNAME)
    full_name = Str(max=150)
    name = Str(max=150, metadata={"description": "The same as `full_name`"})
    first_name = Str(max=150, blank=True)
    last_name = Str(max=150, blank=True)
    user_type = IntChoiceField(MANAGED_TYPES, metadata={"description": "2 distributor, 3 retailer"})
    parent = Id(allow_none=True, metadata={"description": "The distributor a retailer belongs to"})


class CreateUserIn(ManagedUser):
    password = PasswordField(required=True)
    password_confirm = PasswordField()

    @pre_load
    def _tidy(self, data: Any, **_: Any) -> Any:
        return tidied(data, *_NAMES)

    @validates_schema
    def _same(self, data: dict, **_: Any) -> None:
        if data.get("password_confirm", data["password"]) != data["password"]:
            raise ValidationError(MISMATCH)

    @post_load
    def _fields(self, data: dict, **_: Any) -> dict:
        password = data.pop("password")
        data.pop("password_confirm", None)
        names = names_of(data)
        return {"password": password, "fields": {**data, **names}}


class UpdateUserIn(ManagedUser):
    is_active = BoolField()

    @post_load
    def _fields(self, data: dict, **_: Any) -> dict:
        names = names_of(data)
        return {"fields": {**data, **names}}


class NewPasswordIn(Schema):
    new_password = PasswordField(required=True)
    confirm_password = PasswordField()

    @validates_schema
    def _same(self, data: dict, **_: Any) -> None:
        if data.get("confirm_password", data["new_password"]) != data["new_password"]:
            raise ValidationError(MISMATCH)

    @post_load
    def _password(self, data: dict, **_: Any) -> dict:
        return {"new_password": data["new_password"]}


class ManagedOut(Schema):
    message = Str()
    user = fields.Nested(UserOut)


class MessageOut(Schema):
    message = Str()

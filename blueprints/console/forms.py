"""Forms made from the API's schemas: what a field takes is said there and nowhere else."""
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_admin.form import BaseForm
from marshmallow import ValidationError, fields
from marshmallow.fields import Field
from marshmallow.validate import Length, OneOf
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.widgets import DateTimeLocalInput

from blueprints.schemas import auth
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import MoneyField, TimeField
from config import settings
from documents.errors import Invalid

Choices = Callable[[], list[tuple[str, str]]]
Values = dict[str, str | bool]
"""What stands in the fields of a form."""
OPENED = "opened"
LONGEST_LINE = 255
LABELS = {"email": "E-mail", "user_email": "E-mail", "url": "URL", "min_order_amount": "Least order amount",
          "max_discount_amount": "Most that one use takes off", "provider_id": "Provider", "user_type": "Role",
          "parent": "Distributor (its id)"}


def form_of(schema: type[Schema], *, without: Iterable[str] = (), choices: Mapping[str, Choices] | None = None,
            remembers: bool = False) -> type[BaseForm]:
    """A form with a field for each that the schema reads; with `remembers` it also knows what it was opened with."""
    # What has to be said comes first.
    known = sorted(schema().load_fields.items(), key=lambda item: not item[1].required)
    named = {name: _field(name, field, (choices or {}).get(name)) for name, field in known if name not in without}
    if remembers:
        named[OPENED] = HiddenField()
    return type(f"{schema.__name__}Form", (BaseForm,), named)


def loaded(schema: type[Schema], values: Values) -> dict[str, Any]:
    """What the API would have read. Blanks are left out where there is nothing to take away. Raises Invalid."""
    reader = schema()
    sent: dict[str, Any] = {}
    for name, value in values.items():
        field = reader.load_fields[name]
        if isinstance(field, fields.List) and isinstance(value, str):
            sent[name] = [part.strip() for part in value.split(",") if part.strip()]
        elif value == "" and field.allow_none:
            sent[name] = None
        else:
            sent[name] = value
    try:
        return reader.load(sent)
    except ValidationError as error:
        raise Invalid(errors=_by_field(error.messages)) from error


def shown(schema: type[Schema], row: Any, *, without: Iterable[str] = (),
          paths: Mapping[str, str] | None = None) -> Values:
    """What stands in the fields of a form about this document."""
    return {name: _text(field, _found(row, (paths or {}).get(name) or field.attribute or name))
            for name, field in schema().load_fields.items() if name not in without}


def typed(form: BaseForm) -> Values:
    """What was sent, with the line breaks that are stored."""
    return {field.name: field.data if isinstance(field, BooleanField)
            else str(field.data or "").replace("\r\n", "\n").strip()
            for field in form if field.name != OPENED}


def opened(form: BaseForm) -> Values:
    """What the form was opened with, as it says itself."""
    try:
        known = json.loads(form[OPENED].data or "")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def remember(form: BaseForm, values: Values) -> None:
    """From now on the form counts as opened with these."""
    form[OPENED].data = json.dumps(values)


def tell(form: BaseForm, errors: Mapping[str, Iterable[Any]]) -> list[str]:
    """Put each error at its field; returns those that have none."""
    homeless = []
    for name, lines in errors.items():
        if name in form:
            form[name].errors = [*form[name].errors, *map(str, lines)]
        else:
            homeless += [f"{name}: {line}" for line in lines]
    return homeless


def _field(name: str, field: Field, choices: Choices | None) -> Any:
    # The API's words are for programs: what they send as null is left empty here.
    label, help_ = LABELS.get(name, name.replace("_", " ").capitalize()), field.metadata.get("description", "")
    help_ = re.sub(r"\bnull\b", "empty", help_)
    told = {"label": label, "description": help_}
    known = next((check for check in field.validators if isinstance(check, OneOf)), None)
    if choices is not None or known is not None:
        options = choices or (lambda: [(str(value), str(value)) for value in known.choices])
        blank = [] if field.required else [("", "—")]
        return SelectField(label=label, description="" if choices else help_, choices=lambda: blank + options())
    if isinstance(field, fields.Boolean):
        return BooleanField(**told)
    if isinstance(field, auth.PasswordField):
        return PasswordField(**told, render_kw={"autocomplete": "new-password"})
    if isinstance(field, TimeField):
        return StringField(**told, widget=DateTimeLocalInput(), render_kw={"step": "1"})
    if isinstance(field, fields.List):
        return StringField(label=label, description=" ".join(filter(None, [help_, "Separate them with commas."])))
    longest = max((check.max for check in field.validators if isinstance(check, Length) and check.max), default=0)
    asked = {"required": True} if field.required else {}
    if longest > LONGEST_LINE:
        return TextAreaField(**told, render_kw={"rows": 4, "maxlength": longest, **asked})
    if isinstance(field, (fields.Number, MoneyField)):
        mode = "decimal" if isinstance(field, (MoneyField, fields.Float)) else "numeric"
        return StringField(**told, render_kw={"inputmode": mode, "maxlength": 20, **asked})
    return StringField(**told, render_kw={"maxlength": longest or LONGEST_LINE, **asked})


def _text(field: Field, value: Any) -> str | bool:
    if isinstance(field, fields.Boolean):
        return bool(value)
    if value is None:
        return ""
    if isinstance(field, TimeField):
        local = value.astimezone(settings.current().timezone)
        return f"{local:%Y-%m-%dT%H:%M:%S}"
    if isinstance(field, fields.List):
        return ", ".join(map(str, value))
    write = getattr(field, "write", str)
    return str(write(value)).replace("\r\n", "\n").strip()


def _found(row: Any, path: str) -> Any:
    for part in path.split("."):
        row = getattr(row, part, None)
    return row


def _by_field(messages: Any) -> dict[str, list[str]]:
    return {str(name): [str(line) for line in (lines if isinstance(lines, list) else _lines(lines))]
            for name, lines in messages.items()}


def _lines(nested: Any) -> list[str]:
    return [f"{key}: {line}" for key, lines in nested.items() for line in lines]

"""Lists whose records staff may make and change: through the API's schemas, by its services, with an audit line."""
from typing import Any, ClassVar, NamedTuple

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_admin.helpers import get_form_data

from blueprints.console import forms
from blueprints.console.access import client_address, staff
from blueprints.console.errors import told
from blueprints.console.pages import DocumentView
from blueprints.schemas.base import Schema
from documents.base import Document
from documents.errors import DomainError, NotFound
from services import staff_edits


class Switch(NamedTuple):
    """A button of the details page that asks for a reason."""

    name: str
    title: str
    does: str
    """What it brings about, as the page says it."""
    dangerous: bool = False


class EditableView(DocumentView):
    """A list with a form to make a record (`make_schema`, `make`) and one to change it (`change_schema`, `alter`).

    `make` and `alter` call the API's service with what the schema read. `paths` says where a field of the form is
    found in the document when it is not called the same. Nothing is deleted: `switches` are the buttons that end it.
    """

    kind: ClassVar[str]
    """As in `kind:id` of the audit list."""
    make_schema: ClassVar[type[Schema] | None] = None
    change_schema: ClassVar[type[Schema] | None] = None
    without: ClassVar[tuple[str, ...]] = ()
    """Fields of the schemas that the forms do not ask for."""
    choices: ClassVar[dict[str, forms.Choices]] = {}
    paths: ClassVar[dict[str, str]] = {}

    details_template = "console/editable.html"

    def __init__(self, *args: Any, **options: Any) -> None:
        self.can_create, self.can_edit = self.make_schema is not None, self.change_schema is not None
        super().__init__(*args, **options)

    def make(self, **facts: Any) -> Document:
        """Make one, by its service."""
        raise NotImplementedError

    def alter(self, row: Any, **facts: Any) -> None:
        """Change one, by its service."""
        raise NotImplementedError

    def switches(self, row: Any) -> list[Switch]:
        """The buttons that this record has now."""
        return []

    def turn(self, row: Any, name: str) -> None:
        """Do what the button of this name says, by a service."""
        raise NotImplementedError

    def facts(self, row: Any) -> forms.Values:
        """What the form to change this record shows, which is also what the audit list keeps of it."""
        schema = self.change_schema or self.make_schema
        return forms.shown(schema, row, without=self.without, paths=self.paths) if schema is not None else {}

    def get_create_form(self) -> type[BaseForm]:
        return self._form_of(self.make_schema)

    def get_edit_form(self) -> type[BaseForm]:
        return self._form_of(self.change_schema, remembers=True)

    def edit_form(self, obj: Any = None) -> BaseForm:
        form = self._edit_form_class(get_form_data(), **self.facts(obj))
        if request.method == "GET":
            forms.remember(form, self.facts(obj))
        return form

    def create_model(self, form: BaseForm) -> Document | bool:
        try:
            facts = forms.loaded(self.make_schema, {
                name: value for name, value in forms.typed(form).items() if value != ""})
            return staff_edits.create(kind=self.kind, make=lambda: self.make(**facts), facts=self.facts,
                                      actor=staff, address=client_address())
        except DomainError as error:
            return _refused(form, error)

    def update_model(self, form: BaseForm, model: Document) -> bool:
        opened, typed = forms.opened(form), forms.typed(form)
        changes = {name: value for name, value in typed.items() if opened.get(name) != value}
        if not changes:
            return True
        try:
            facts = forms.loaded(self.change_schema, changes)
            staff_edits.change(
                kind=self.kind, document=self.model, pk=model.pk, alter=lambda: self.alter(model, **facts),
                facts=self.facts, actor=staff, address=client_address(), opened=opened, user=self.customer_of(model))
        except staff_edits.ChangedMeanwhile as error:
            # What was typed stays; whoever saves again has seen what it overwrites.
            forms.remember(form, self.facts(self.get_one(model.pk)))
            return _refused(form, error)
        except DomainError as error:
            return _refused(form, error)
        return True

    def customer_of(self, row: Any) -> int | None:
        """Whom a change of this record concerns."""
        return getattr(row, "user", None)

    def get_save_return_url(self, model: Any, is_created: bool = False) -> str:
        return url_for(".details_view", id=self.get_pk_value(model))

    @expose("/switch/", methods=("POST",))
    def switch(self) -> Response:
        """Do what a button of the details page says."""
        row = self.get_one(request.form.get("id", "")[:100])
        offered = {one.name: one for one in self.switches(row)} if row is not None else {}
        chosen = offered.get(request.form.get("name", ""))
        if chosen is None:
            raise NotFound("This can no longer be done: somebody was faster.")
        try:
            staff_edits.switch(
                kind=self.kind, name=chosen.name, document=self.model, pk=row.pk, facts=self.facts, actor=staff,
                alter=lambda: self.turn(row, chosen.name), address=client_address(),
                reason=request.form.get("reason", ""), user=self.customer_of(row))
            flash(f"Done: {chosen.title.lower()}.", "success")
        except DomainError as error:
            flash(told(error), "error")
        return redirect(url_for(".details_view", id=self.get_pk_value(row)))

    def _form_of(self, schema: type[Schema] | None, **options: Any) -> type[BaseForm]:
        if schema is None:
            return BaseForm
        return forms.form_of(schema, without=self.without, choices=self.choices, **options)


def _refused(form: BaseForm, error: DomainError) -> bool:
    homeless = forms.tell(form, error.errors)
    # An error that stands at its field needs no second sentence; that somebody was faster does.
    about_all = not error.errors or isinstance(error, staff_edits.ChangedMeanwhile)
    if about_all or homeless:
        flash(" ".join([*([error.detail] if about_all else []), "; ".join(homeless)]).strip(), "error")
    return False

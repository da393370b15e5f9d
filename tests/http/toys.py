"""A small application on the shell, for testing the shell itself."""
import functools

import jwt
from flask import Flask
from marshmallow import fields

from app import create_app
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.limits import limit
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import BoolField, Id, IntField, MoneyField, Str
from blueprints.shell import Blueprint
from config.settings import Settings
from documents import clock
from documents.errors import Conflict, Unavailable
from documents.events import Event
from documents.listing import Listing
from documents.permissions import Permission
from documents.sessions import Session
from documents.users import User
from services.sessions import Device, open_session


class ToyIn(Schema):
    amount = MoneyField(required=True)
    count = IntField(min=0, max=10)
    title = Str(max=10)
    on = BoolField()
    tags = fields.List(Str(max=5))


class ToyOut(Schema):
    amount = MoneyField()
    count = IntField(allow_none=True)
    title = Str(allow_none=True)
    on = BoolField(allow_none=True)
    tags = fields.List(Str(), allow_none=True)


class ToyRow(Schema):
    id = Id()
    type = Str()
    user = IntField()


class ToyFilters(Schema):
    least = IntField(min=0)


class OutOfStock(Conflict):
    code = "toy_out_of_stock"
    detail = "No toys left."


def rows(filters: dict) -> Listing:
    return Listing(Event, {"_id": {"$gte": filters.get("least", 0)}}, order=[("user", 1), ("_id", 1)],
                   orderings={"user": "user", "id": "_id"}, searchable=["type"])


@functools.cache
def toy_blueprint() -> Blueprint:
    """Made once: a limit counts for the view's name, so a second copy would count twice."""
    blp = Blueprint("toys", __name__, description="Toys")

    @blp.route("/api/toys/", methods=["POST"])
    @blp.arguments(ToyIn)
    @blp.response(201, ToyOut)
    def make_toy(body):
        """Answer what was sent."""
        return body

    @blp.route("/api/toys/mine/", methods=["GET"])
    @requires()
    def my_toys():
        """Say who calls."""
        return {"id": current_user.id}

    @blp.route("/api/toys/mine/", methods=["POST"])
    @requires(Permission.MANAGE_CATALOGUE)
    @idempotent
    @blp.arguments(ToyIn)
    @blp.response(201, ToyOut)
    def make_my_toy(body):
        """Answer what was sent."""
        return body

    @blp.route("/api/toys/<int:toy_id>/", methods=["DELETE"])
    @blp.response(204)
    def drop_toy(toy_id):
        """Drop one."""

    @blp.route("/api/toys/broken/<string:how>/", methods=["GET"])
    def break_toy(how):
        """Fail in one of several ways."""
        raise FAILURES[how]

    @blp.route("/api/toys/limited/", methods=["GET"])
    @limit("2/minute")
    def limited_toy():
        """Answer twice a minute."""
        return {"ok": True}

    for name, options in (("pages", {}), ("arrays", {"bare": True}), ("cursors", {"cursor": True})):
        blp.add_url_rule(f"/api/toys/{name}/", name, blp.listing(ToyRow, ToyFilters, **options)(_named(name)))
    return blp


def _named(name: str):
    def view(filters):
        """List toys."""
        return rows(filters)

    view.__name__ = name
    return view


FAILURES = {
    "conflict": OutOfStock(),
    "unavailable": Unavailable(),
    "bug": RuntimeError("secret internals"),
    "huge": OverflowError("MongoDB can only handle up to 8-byte ints"),
}


def toy_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.extensions["flask-smorest"]["apis"][""]["ext_obj"].register_blueprint(toy_blueprint())
    return app


def token(app: Flask, user: User, **changed: object) -> str:
    """An access token of a fresh session of `user`, its claims changed as told."""
    session: Session = open_session(user=user, device=Device()).session
    claims = {"sub": str(user.id), "sid": session.id, "user_id": user.id, "token_type": "access",
              "exp": int(clock.now().timestamp()) + 600, **changed}
    return jwt.encode(claims, app.config["JWT_SECRET_KEY"], "HS256")



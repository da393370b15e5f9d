"""Managing people: an admin everybody, a distributor its own retailers."""
from dataclasses import replace

from aggregations.users import WITH_WALLETS
from blueprints.guards import current_user, requires
from blueprints.schemas.admin_users import (
    CreateUserIn,
    ManagedOut,
    MessageOut,
    NewPasswordIn,
    SearchArgs,
    UpdateUserIn,
    UserFilters,
)
from blueprints.schemas.users import UserOut, UserRow
from blueprints.shell import Blueprint
from documents.listing import Listing
from documents.permissions import Permission
from documents.users import User
from services import admin_users
from services.cards import card

blp = Blueprint("admin_users", __name__, url_prefix="/api/auth/admin/users", description="Managing people")

ORDERINGS = {"id": "_id", "date_joined": "date_joined", "email": "email", "username": "username",
             "first_name": "first_name", "last_name": "last_name"}
SEARCHABLE = ("email", "phone", "username", "first_name", "last_name")


def _listing(match: dict, order: list) -> Listing:
    return Listing(User, match, order=order, orderings=ORDERINGS, searchable=SEARCHABLE, lookups=WITH_WALLETS)


@blp.route("/", methods=["GET"])
@requires(Permission.MANAGE_USERS)
@blp.listing(UserRow, UserFilters)
def list_users(filters):
    """List distributors and retailers (other roles by `user_type`), newest first; a distributor's own retailers."""
    types = {"user_type": {"$in": list(admin_users.MANAGED_TYPES)}}
    match = {"$and": [admin_users.visible_to(current_user), {**types, **filters}]}
    return _listing(match, [("date_joined", -1), ("_id", -1)])


@blp.route("/search/", methods=["GET"])
@requires(Permission.SEARCH_USERS)
@blp.listing(UserRow, SearchArgs, bare=True)
def search_users(args):
    """Find people of every role by a part of their e-mail, phone or name."""
    everybody = _listing(admin_users.visible_to(current_user), [("_id", 1)])
    return replace(everybody, match=everybody.searching(args["q"]))


@blp.route("/create/", methods=["POST"])
@requires(Permission.MANAGE_USERS)
@blp.arguments(CreateUserIn)
@blp.response(201, ManagedOut)
def create_user(body):
    """Make a distributor or retailer with an empty wallet."""
    return {"message": "User created successfully", "user": card(admin_users.create(manager=current_user, **body))}


@blp.route("/<int:user_id>/", methods=["GET"])
@requires(Permission.MANAGE_USERS)
@blp.response(200, UserOut)
def show_user(user_id):
    """Show one person."""
    return card(admin_users.get(manager=current_user, user_id=user_id))


@blp.route("/<int:user_id>/update/", methods=["PUT", "PATCH"])
@requires(Permission.MANAGE_USERS)
@blp.arguments(UpdateUserIn)
@blp.response(200, ManagedOut)
def update_user(body, user_id):
    """Change what is sent; another role, or deactivation, ends all sessions of that person."""
    user = admin_users.update(manager=current_user, user_id=user_id, **body)
    return {"message": "User updated successfully", "user": card(user)}


@blp.route("/<int:user_id>/delete/", methods=["DELETE"])
@requires(Permission.MANAGE_USERS)
@blp.response(200, MessageOut)
def delete_user(user_id):
    """Deactivate and anonymise a person; wallet and history stay."""
    admin_users.delete(manager=current_user, user_id=user_id)
    return {"message": "User deleted successfully"}


@blp.route("/<int:user_id>/reset-password/", methods=["POST"])
@requires(Permission.MANAGE_USERS)
@blp.arguments(NewPasswordIn)
@blp.response(200, ManagedOut)
def reset_user_password(body, user_id):
    """Set a person's password and end all their sessions."""
    user = admin_users.reset_password(manager=current_user, user_id=user_id, **body)
    return {"message": "Password reset successfully", "user": card(user)}

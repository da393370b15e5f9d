"""The caller's own account."""
from blueprints import tokens
from blueprints.guards import current_user, requires
from blueprints.schemas.profile import ProfileIn, ProfileUpdated
from blueprints.schemas.users import UserOut
from blueprints.shell import Blueprint
from services import profiles
from services.cards import card, card_of_row

blp = Blueprint("profile", __name__, url_prefix="/api/auth/profile", description="Accounts and sessions")


@blp.route("/", methods=["GET"])
@requires(with_wallets=True)
@blp.response(200, UserOut)
def show_profile():
    """Show the caller."""
    return card_of_row(current_user.row)


@blp.route("/", methods=["PUT", "PATCH"])
@requires()
@blp.arguments(ProfileIn)
@blp.response(200, ProfileUpdated)
def update_profile(body):
    """Change what is sent and keep the rest; a new e-mail or phone needs the current password or a code."""
    user = profiles.update(user=current_user, **body, client=tokens.caller_device().address)
    return {**card(user), "message": "Profile updated successfully",
            "updated_fields": {**body["changes"], **body["profile"]}}

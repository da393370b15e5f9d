"""What the caller earned."""
from blueprints.guards import current_user, requires
from blueprints.schemas.rewards import RewardRow, Totals
from blueprints.shell import Blueprint
from services import referral_figures

blp = Blueprint("rewards", __name__, url_prefix="/api/rewards", description="The caller's rewards")


@blp.route("/history/")
@requires()
@blp.listing(RewardRow, bare=True)
def history():
    """The caller's rewards, newest first."""
    return referral_figures.history(user=current_user)


@blp.route("/summary/")
@requires()
@blp.response(200, Totals)
def totals():
    """What the caller's rewards come to, by status, and what is still owed from revoked ones."""
    return referral_figures.totals(user=current_user)

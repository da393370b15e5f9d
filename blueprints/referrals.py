"""Having a referral code, using somebody's, and the figures of it."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.limits import limit
from blueprints.schemas.referrals import (
    ApplyIn,
    ApplyOut,
    Board,
    BoardArgs,
    Code,
    PersonRow,
    Summary,
    TimelineArgs,
    TimelineRow,
)
from blueprints.shell import Blueprint
from services import referral_figures, referrals

blp = Blueprint("referrals", __name__, url_prefix="/api/referral", description="Referral codes and their figures")


@blp.route("/generate/", methods=["POST"])
@requires()
@blp.response(201, Code)
def generate():
    """The caller's one code, made on first use; every repeat answers with the same."""
    return referrals.code_of(user=current_user)


@blp.route("/apply/", methods=["POST"])
@requires()
@limit("120/minute")
@idempotent
@blp.arguments(ApplyIn)
@blp.response(200, ApplyOut)
def apply(body):
    """Use somebody's code, once in a life; the owner's reward begins, and the caller's if the terms have one."""
    applied = referrals.apply(user=current_user, code=body["referral_code"])
    own = [reward for reward in applied.rewards if reward.user == current_user.id]
    return {"message": "Referral applied successfully", "referral_code": applied.referral.code,
            "reward": own[0] if own else None}


@blp.route("/analytics/summary/")
@requires()
@blp.response(200, Summary)
def summary():
    """How many people used the caller's code, and how many of them count."""
    return referral_figures.summary(user=current_user)


@blp.route("/analytics/list/")
@requires()
@blp.listing(PersonRow, bare=True)
def list_people():
    """Who used the caller's code, newest first."""
    return referral_figures.referred_people(user=current_user)


@blp.route("/analytics/timeline/")
@requires()
@blp.arguments(TimelineArgs, location="query")
@blp.response(200, TimelineRow(many=True))
def timeline(args):
    """How many people used the caller's code in each day, week or month."""
    return referral_figures.timeline(user=current_user, **args)


@blp.route("/analytics/leaderboard/")
@requires()
@blp.arguments(BoardArgs, location="query")
@blp.response(200, Board)
def leaderboard(args):
    """The best referrers of this week, this month or all time, and the caller's own rank."""
    return referral_figures.leaderboard(caller=current_user, **args)

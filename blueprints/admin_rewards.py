"""Terms, decisions about rewards, and the best referrers, for admins."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.referrals import TopArgs, TopRow
from blueprints.schemas.rewards import (
    AdminRewardRow,
    ConfigEdit,
    ConfigFilters,
    ConfigIn,
    ConfigMade,
    ConfigRow,
    Decided,
    RevokeIn,
    RewardFilters,
)
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import referral_figures, reward_configs, rewards

blp = Blueprint("admin_rewards", __name__, url_prefix="/api/admin", description="Terms and decisions about rewards")


@blp.route("/reward-config/", methods=["POST"])
@requires(Permission.MANAGE_REWARDS)
@blp.arguments(ConfigIn)
@blp.response(201, ConfigMade)
def add_config(body):
    """Put new terms into force: the newest active ones of a type win."""
    return _made("Reward config created", reward_configs.add(actor=current_user, **body))


@blp.route("/reward-config/", methods=["GET"])
@requires(Permission.MANAGE_REWARDS)
@blp.listing(ConfigRow, ConfigFilters)
def list_configs(filters):
    """All terms ever, newest first."""
    return reward_configs.listing(**filters)


@blp.route("/reward-config/<config_id>/", methods=["PATCH"])
@requires(Permission.MANAGE_REWARDS)
@blp.arguments(ConfigEdit)
@blp.response(200, ConfigMade)
def edit_config(body, config_id):
    """Change terms for future rewards; those already earned keep their values."""
    changed = reward_configs.edit(actor=current_user, config_id=rewards.parsed_id(config_id), **body)
    return _made("Reward config updated", changed)


@blp.route("/reward-config/<config_id>/deactivate/", methods=["POST"])
@requires(Permission.MANAGE_REWARDS)
@blp.response(200, ConfigMade)
def deactivate_config(config_id):
    """End terms; the next newest active ones of the type take over."""
    ended = reward_configs.deactivate(actor=current_user, config_id=rewards.parsed_id(config_id))
    return _made("Reward config deactivated", ended)


@blp.route("/rewards/")
@requires(Permission.MANAGE_REWARDS)
@blp.listing(AdminRewardRow, RewardFilters)
def list_rewards(filters):
    """Everybody's rewards, newest first; `is_held=true` lists what waits for a decision."""
    return referral_figures.all_rewards(**filters)


@blp.route("/rewards/<reward_id>/credit/", methods=["POST"])
@requires(Permission.MANAGE_REWARDS)
@idempotent
@blp.response(200, Decided)
def credit(reward_id):
    """Pay a pending reward into its owner's wallet, held or not."""
    credited = rewards.credit(reward_id=rewards.parsed_id(reward_id), actor=current_user)
    return {"message": "Reward credited successfully", "reward": credited}


@blp.route("/rewards/<reward_id>/revoke/", methods=["POST"])
@requires(Permission.MANAGE_REWARDS)
@idempotent
@blp.arguments(RevokeIn)
@blp.response(200, Decided)
def revoke(body, reward_id):
    """Revoke a reward; what it paid is taken back, and owed where the wallet is too empty."""
    revoked = rewards.revoke(reward_id=rewards.parsed_id(reward_id), actor=current_user, **body)
    return {"message": "Reward revoked", "reward": revoked}


@blp.route("/rewards/<reward_id>/release/", methods=["POST"])
@requires(Permission.MANAGE_REWARDS)
@blp.response(200, Decided)
def release(reward_id):
    """Let a held reward go its way."""
    released = rewards.release(reward_id=rewards.parsed_id(reward_id), actor=current_user)
    return {"message": "Reward released", "reward": released}


@blp.route("/referral/top/")
@requires(Permission.MANAGE_REWARDS)
@blp.arguments(TopArgs, location="query")
@blp.response(200, TopRow(many=True))
def top(args):
    """The people who referred most."""
    return referral_figures.leaderboard(caller=None, **args)["results"]


def _made(message: str, config) -> dict:
    return {"message": message, **config.to_mongo(), "id": config.id}

"""The terms of rewards: adding, listing, editing and ending them."""
from typing import Any

from bson import ObjectId

from documents import clock, money
from documents.errors import Invalid, NotFound
from documents.listing import Listing
from documents.reward_configs import RewardConfig, RewardUnit
from documents.transactions import atomic
from documents.users import User

OPTIONAL = ("referee_value", "monthly_cap", "hold_days")


def add(*, actor: User, **terms: Any) -> RewardConfig:
    """Put new terms into force; they replace older ones of their type from the next reward on.

    Raises Invalid for a fraction of a point.
    """
    now = clock.now()
    made = RewardConfig(**terms, created_by=actor.id, created_at=now, updated_at=now)
    _refuse_part_points(made)
    return made.create()


@atomic
def edit(*, actor: User, config_id: ObjectId, **changes: Any) -> RewardConfig:
    """Change terms for future rewards; None takes an optional one away. Raises NotFound, Invalid as `add` does."""
    update: dict = {"$set": {"updated_by": actor.id, "updated_at": clock.now()}}
    for name, value in changes.items():
        if value is None and name in OPTIONAL:
            update.setdefault("$unset", {})[name] = ""
        else:
            update["$set"][name] = value
    changed = RewardConfig.change({"_id": config_id}, update)
    if changed is None:
        raise NotFound
    _refuse_part_points(changed)
    return changed


def deactivate(*, actor: User, config_id: ObjectId) -> RewardConfig:
    """End these terms: the next newest active ones of the type take over, if there are any. Raises NotFound."""
    return edit(actor=actor, config_id=config_id, is_active=False)


def listing(*, reward_type: str | None = None, is_active: bool | None = None) -> Listing:
    """All terms ever, newest first."""
    match: dict = {}
    if reward_type is not None:
        match["reward_type"] = reward_type
    if is_active is not None:
        match["is_active"] = is_active
    return Listing(RewardConfig, match)


def _refuse_part_points(config: RewardConfig) -> None:
    if config.reward_unit != RewardUnit.POINTS:
        return
    errors = {name: ["Points are whole numbers."] for name in ("reward_value", "referee_value")
              if (getattr(config, name) or 0) % money.MINOR_PER_MAJOR}
    if errors:
        raise Invalid(errors=errors)

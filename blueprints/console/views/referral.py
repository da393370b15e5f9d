"""Referrals: codes, who brought whom, the terms of rewards, and what was earned."""
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.access import staff
from blueprints.console.editing import EditableView, Switch
from blueprints.console.filters import NEWEST
from blueprints.console.pages import RECORDS, DocumentView
from blueprints.schemas.rewards import ConfigEdit, ConfigIn
from config import settings
from documents.permissions import Permission
from documents.referral_rollups import ReferralRollup
from documents.referrals import Referral, ReferralCode
from documents.reward_configs import RewardConfig, RewardUnit
from documents.rewards import Reward, RewardCap, RewardDebt, RewardStatus
from documents.wallets import POINTS
from services import reward_configs

END = Switch("deactivate", "End these terms",
             "Rewards are earned by the next newest active terms of the type, if there are any.", True)
BEGIN = Switch("activate", "Put into force again", "The newest active terms of a type are the ones in force.")


class InRewards(DocumentView):
    """Amounts in the unit of the reward."""

    permission = Permission.MANAGE_REWARDS

    def unit_of(self, row: Any) -> str:
        return POINTS if row.reward_unit == RewardUnit.POINTS else settings.current().currency


class Rewards(InRewards):
    money = ("reward_value", "owed")
    people = ("user", "released_by", "credited_by", "revoked_by")
    records = {"referral": "referrals", "config": "reward_configs"}
    subjects = ("order",)
    states = ("status",)
    column_list = ("id", "user", "role", "reward_type", "reward_value", "status", "is_held", "created_at")
    column_labels = {"is_held": "Held", "reward_value": "Worth", "reward_type": "For"}
    column_filters = (
        filters.number("user", "Customer", order=NEWEST), filters.text("referral", "Referral", order=()),
        filters.Asked("Held", lambda: {"status": RewardStatus.PENDING.value, "is_held": True}, order=NEWEST),
        filters.choice("status", "Status", RewardStatus, order=NEWEST, also={"is_held": {"$in": [False, True]}}),
        *filters.days("created_at", "Earned", order=NEWEST))
    column_sortable_list = ("id",)
    empty = "No rewards yet. They are earned when somebody uses a referral code, while terms are in force."

    def actions_offered(self, row: Reward) -> list[tuple[str, str, bool]]:
        name = f"reward:{row.id}"
        if row.status == RewardStatus.REVOKED:
            return []
        credit = [("credit_reward", name, False)] if row.status == RewardStatus.PENDING else []
        release = [("release_reward", name, False)] if row.is_held else []
        return [*credit, *release, ("revoke_reward", name, True)]

    def related(self, row: Reward) -> list[tuple[str, str]]:
        return [("Ledger entries", url_for("entries.index_view", search=f"reward:{row.id}"))]


class RewardConfigs(EditableView, InRewards):
    few = True
    kind = "reward_config"
    money = ("reward_value", "referee_value")
    people = ("created_by", "updated_by")
    make_schema, change_schema = ConfigIn, ConfigEdit
    without = ("is_active",)
    column_list = ("id", "reward_type", "reward_value", "referee_value", "monthly_cap", "hold_days", "is_active",
                   "created_at")
    column_labels = {"reward_value": "For the referrer", "referee_value": "For the new customer"}
    column_filters = (filters.flag("is_active", "Active"),)
    column_default_sort = [("created_at", True), ("id", True)]
    empty = "No rewards are promised yet. Create the terms of a reward for referrals."

    def make(self, **facts: Any) -> RewardConfig:
        return reward_configs.add(actor=staff, **facts)

    def alter(self, row: RewardConfig, **facts: Any) -> None:
        reward_configs.edit(actor=staff, config_id=ObjectId(row.id), **facts)

    def switches(self, row: RewardConfig) -> list[Switch]:
        return [END if row.is_active else BEGIN]

    def turn(self, row: RewardConfig, name: str) -> None:
        self.alter(row, is_active=name == BEGIN.name)

    def facts(self, row: RewardConfig) -> dict:
        return super().facts(row) | {"is_active": bool(row.is_active)}


class ReferralCodes(DocumentView):
    permission = Permission.MANAGE_REWARDS
    ids = ("owner",)
    searched = ("code",)
    people = ("owner",)
    hidden = ("traces",)
    column_list = ("code", "owner", "uses", "created_at")
    empty = "Nobody has a referral code yet. People get theirs when they ask for it."

    def related(self, row: ReferralCode) -> list[tuple[str, str]]:
        return [("Who used it", url_for("referrals.index_view", flt_referrer=row.owner))]


class Referrals(DocumentView):
    permission = Permission.MANAGE_REWARDS
    ids = ("referred",)
    people = ("referrer", "referred")
    subjects = ("first_order",)
    column_list = ("referrer", "referred", "code", "signals", "first_order", "created_at", "voided_at")
    column_filters = (
        filters.number("referrer", "Referrer", order=NEWEST),
        filters.number("referred", "New customer", order=()))
    empty = "Nobody has used a referral code yet."

    def related(self, row: Referral) -> list[tuple[str, str]]:
        return [("Its rewards", url_for("rewards.index_view", flt_referral=row.id))]


class RewardDebts(DocumentView):
    permission = Permission.MANAGE_REWARDS
    searched = ("key",)
    money = ("amount",)
    column_list = ("key", "amount")
    column_labels = {"key": "Customer and unit", "amount": "Owed"}
    empty = "Nobody owes anything from revoked rewards."

    def unit_of(self, row: RewardDebt) -> str:
        return str(row.key).rpartition(":")[2]


class RewardCaps(DocumentView):
    permission = Permission.MANAGE_REWARDS
    searched = ("key",)
    column_list = ("key", "count")
    column_labels = {"key": "Customer, type and month", "count": "Earned"}
    empty = "Nobody has earned a reward with a monthly limit yet."


class ReferralRollups(DocumentView):
    permission = Permission.MANAGE_REWARDS
    people = ("user",)
    money = ("cash",)
    hidden = ("writes",)
    column_list = ("span", "start", "user", "count", "cash", "points")
    column_filters = (filters.number("user", "Referrer", order=("span", "start")),)
    column_labels = {"span": "Period", "start": "From"}
    empty = "The leaderboard is empty: nobody was referred yet."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Referrals"}
    return [
        # `/admin/rewards/…` is an old spelling of the API's.
        Rewards(Reward, "Rewards", endpoint="rewards", url="/earned_rewards", **area),
        RewardConfigs(RewardConfig, "Terms of rewards", endpoint="reward_configs", **area),
        Referrals(Referral, "Referrals", endpoint="referrals", **area),
        ReferralCodes(ReferralCode, "Referral codes", endpoint="referral_codes", **area),
        RewardDebts(RewardDebt, "Debts from rewards", endpoint="reward_debts", category=RECORDS),
        RewardCaps(RewardCap, "Monthly limits", endpoint="reward_caps", category=RECORDS),
        ReferralRollups(ReferralRollup, "Leaderboard figures", endpoint="referral_rollups", category=RECORDS),
    ]

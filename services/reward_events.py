"""What follows from events for referrals and rewards; each runs in the transaction that marks its event."""
from bson import ObjectId

from documents import money
from documents.events import Event
from documents.notifications import NoticeKind
from documents.payments import Kind, Status
from documents.recharges import AttemptStatus, Recharge
from documents.referrals import Referral
from documents.reward_configs import RewardType, RewardUnit
from documents.rewards import Reward, RewardRole, RewardStatus
from documents.users import User
from services import notices, referral_rollups, rewards
from services.notifications import Notice, tell

REFUNDED = "The order was refunded."


def recharge_paid(event: Event) -> None:
    """A recharge counts as an order once the customer has paid for it; one delivered at the house's cost does not."""
    paid = {"_id": int(_id_in(event)), "attempts.status": AttemptStatus.SUCCESS.value}
    if Recharge.find_one(paid) is not None:
        order_paid(event)


def payment_paid(event: Event) -> None:
    """A payment (at a counter, for vouchers, by card) counts once it took money; filling the own wallet does not."""
    if event.data["kind"] != Kind.TOPUP and event.data["final_amount"]:
        order_paid(event)


def payment_refunded(event: Event) -> None:
    """Only a payment that was given back whole is no order any more."""
    if event.data["status"] == Status.REFUNDED:
        order_refunded(event)


def order_paid(event: Event) -> None:
    """The first paid order after the code was applied earns the FIRST_ORDER rewards."""
    referral = Referral.claim_first_order(referred=event.user, order=event.subject, at=event.created_at)
    if referral is not None:
        rewards.grant(referral=referral, reward_type=RewardType.FIRST_ORDER, order=event.subject)


def order_refunded(event: Event) -> None:
    """A refund of the order that earned FIRST_ORDER rewards takes them back."""
    referral = Referral.revert_order(referred=event.user, order=event.subject)
    if referral is None or referral.first_order != event.subject:
        return
    earned = {"referral": referral.id, "reward_type": RewardType.FIRST_ORDER.value,
              "status": {"$ne": RewardStatus.REVOKED.value}}
    for reward in list(Reward.find(earned)):
        rewards.revoke(reward_id=reward.id, actor=None, reason=REFUNDED)


def count_referral(event: Event) -> None:
    """Bring the referrer's figures up to date with a new referral."""
    _refresh_referral(_id_in(event))


def count_reward(event: Event) -> None:
    """Bring the referrer's figures up to date with a credited or revoked reward."""
    reward = Reward.get(ObjectId(_id_in(event)))
    if reward.role != RewardRole.REFERRER:
        return
    if reward.credited_at is not None:
        referral_rollups.refresh(reward.user, reward.credited_at)
    if reward.reward_type == RewardType.SIGNUP and reward.status == RewardStatus.REVOKED:
        _refresh_referral(reward.referral)


def reward_credited(event: Event) -> None:
    """Tell the owner that a reward was paid out."""
    _tell(event, "Reward credited", f"Your reward of {worth(event.data)} has been credited.")


def reward_revoked(event: Event) -> None:
    """Tell the owner that a reward was taken back."""
    _tell(event, "Reward revoked", f"Your reward of {worth(event.data)} has been revoked.")


def worth(data: dict) -> str:
    """A reward's value as people write it: ₹250.00 or 50 points."""
    value = data["reward_value"]
    if data["reward_unit"] == RewardUnit.POINTS:
        return f"{value // money.MINOR_PER_MAJOR} points"
    return notices.price(value)


def _refresh_referral(referral_id: str) -> None:
    referral = Referral.get(referral_id)
    referral_rollups.refresh(referral.referrer, referral.created_at)


def _tell(event: Event, title: str, text: str) -> None:
    user = User.find_one({"_id": event.user, "is_active": True})
    if user is not None:
        tell(key=f"event:{event.id}", user=user, notice=Notice(kind=NoticeKind.PAYMENT, title=title, text=text))


def _id_in(event: Event) -> str:
    return event.subject.partition(":")[2]

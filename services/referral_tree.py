"""The tree of who came through whom, and why it can have no circle even when people hurry."""
from aggregations import referrals as pipelines
from documents.errors import Conflict, NotFound
from documents.referrals import ReferralCode
from documents.transactions import current_session
from documents.users import User


class CircularReferral(Conflict):
    code = "circular_referral"
    detail = "You cannot use the code of somebody you referred"


def refuse_circle(*, user: int, owner: int) -> None:
    """Raise CircularReferral when `owner` came through `user`, at any depth; in the transaction that links them.

    A snapshot does not see a link made at the same time elsewhere in the tree. So whoever links a person locks that
    person (the caller does) and the top of the tree it goes under (here): every circle made of parallel links has a
    link whose top is the person of the next one, and these two then conflict. Somebody without a code has nobody
    below, which spares new customers the walk: a code made meanwhile is younger than this snapshot, and whoever
    uses it locks its owner, who is the top there.
    """
    if ReferralCode.find_one({"owner": user}) is None:
        return
    chain = next(ReferralCode.collection().aggregate(pipelines.chain_above(owner), session=current_session()))
    above = {owner, *chain["referrers"]}
    if user in above:
        raise CircularReferral
    for top in above - set(chain["referred"]):
        lock(top)


def lock(user: int) -> User:
    """Make two transactions that need this person's place in the tree conflict; returns the person."""
    found = User.change({"_id": user}, {"$inc": {"tree_changes": 1}})
    if found is None:
        raise NotFound
    return found

"""What has to be known before a recharge is charged, in one round trip."""
from documents.base import Document
from documents.margins import Margin
from documents.permissions import UserType
from documents.users import User
from documents.wallets import Wallet


def offer(plan_id: int, *, payer: int, parent: int | None, unit: str) -> list[dict]:
    """On plans: the plan if it is on sale, with the payer's terms. Index: plans(_id)."""
    return [{"$match": {"_id": plan_id, "on_sale": True}}, *_terms(payer, parent, unit)]


def fresh_terms(*, payer: int, parent: int | None, unit: str) -> list[dict]:
    """On users: the payer's terms alone, for a retry. Index: users(_id)."""
    return [{"$match": {"_id": payer}}, {"$project": {"_id": 1}}, *_terms(payer, parent, unit)]


def _terms(payer: int, parent: int | None, unit: str) -> list[dict]:
    """`wallets` and `margins` of the payer, `margins` and `parents` of the distributor above while it is active.

    Indexes: wallets(owner, unit), margins(_id), users(_id).
    """
    stages = [
        _join(Wallet, "wallets", {"owner": payer, "unit": unit}),
        _join(Margin, "margins", {"_id": {"$in": [payer] if parent is None else [payer, parent]}})]
    if parent is not None:
        active = {"_id": parent, "is_active": True, "user_type": UserType.DISTRIBUTOR.value}
        stages.append(_join(User, "parents", active, {"$project": {"_id": 1}}))
    return stages


def _join(document: type[Document], name: str, match: dict, *stages: dict) -> dict:
    return {"$lookup": {"from": document.collection().name, "pipeline": [{"$match": match}, *stages], "as": name}}

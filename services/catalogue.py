"""The catalogue: providers, their plans, and what of it is on sale."""
from typing import Any

from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid, NotFound
from documents.ids import next_id
from documents.listing import Listing
from documents.plans import Plan, PlanProvider
from documents.providers import Provider
from documents.transactions import atomic, current_session


def plans(*, provider_id: int | None = None, min_amount: int | None = None, max_amount: int | None = None,
          min_validity: int | None = None, max_validity: int | None = None) -> Listing:
    """The plans on sale; amounts in minor units, validity in days, all bounds inclusive."""
    match: dict = {"on_sale": True}
    if provider_id is not None:
        match["provider.id"] = provider_id
    for name, least, most in (("amount", min_amount, max_amount), ("validity", min_validity, max_validity)):
        bounds = {"$gte": least, "$lte": most}
        if given := {operator: value for operator, value in bounds.items() if value is not None}:
            match[name] = given
    return Listing(
        Plan, match, order=[("created_at", 1), ("_id", 1)],
        orderings={name: name for name in ("title", "amount", "validity", "created_at")},
        searchable=("title", "description", "provider.title", "identifier"))


def providers() -> Listing:
    """The active providers, by id."""
    return Listing(Provider, {"is_active": True}, order=[("_id", 1)], orderings={"id": "_id", "title": "title"},
                   searchable=("title",))


def plan_on_sale(plan_id: int) -> Plan:
    """A plan that can be bought. Raises NotFound."""
    plan = Plan.find_one({"_id": plan_id, "on_sale": True})
    if plan is None:
        raise NotFound("Plan not found")
    return plan


def create_provider(*, title: str, is_active: bool = True) -> Provider:
    """Add a network. Raises Invalid when the title is taken."""
    now = clock.now()
    try:
        return Provider(id=next_id("providers"), title=title, is_active=is_active,
                        created_at=now, updated_at=now).create()
    except Duplicate as error:
        raise _taken("title") from error


def change_provider(provider_id: int, **facts: Any) -> Provider:
    """Change `title` or `is_active`, and the copies on its plans with them. Raises NotFound, Invalid."""
    try:
        return _change_provider(provider_id, facts)
    except Duplicate as error:
        raise _taken("title") from error


def create_plan(*, provider_id: int, **facts: Any) -> Plan:
    """Add a plan (`title`, `description`, `identifier`, `amount` in minor units, `validity` in days, `is_active`).

    Raises Invalid when the provider is unknown or the identifier is taken.
    """
    try:
        return _create_plan(provider_id, facts)
    except Duplicate as error:
        raise _taken("identifier") from error


def change_plan(plan_id: int, **facts: Any) -> Plan:
    """Change any of the facts of `create_plan`, for later purchases only. Raises NotFound, Invalid."""
    try:
        return _change_plan(plan_id, facts)
    except Duplicate as error:
        raise _taken("identifier") from error


@atomic
def _change_provider(provider_id: int, facts: dict) -> Provider:
    provider = _touched(provider_id, facts)
    if provider is None:
        raise NotFound
    # `on_sale` is worked out by the server from the plan's own flag, in the one write that changes the copy.
    copied = {"id": provider.id, "title": provider.title, "is_active": provider.is_active}
    Plan.collection().update_many(
        {"provider.id": provider.id},
        [{"$set": {"provider": {"$literal": copied}, "on_sale": {"$and": ["$is_active", provider.is_active]}}}],
        session=current_session())
    return provider


@atomic
def _create_plan(provider_id: int, facts: dict) -> Plan:
    now = clock.now()
    plan = Plan(id=next_id("plans"), provider=_provider_copy(provider_id), created_at=now, updated_at=now, **facts)
    plan.on_sale = plan.is_active and plan.provider.is_active
    return plan.create()


@atomic
def _change_plan(plan_id: int, facts: dict) -> Plan:
    known = Plan.get(plan_id)
    # `facts` stays whole: a transaction that starts over runs all of this again.
    provider = _provider_copy(facts.get("provider_id", known.provider.id))
    kept = {name: value for name, value in facts.items() if name != "provider_id"}
    plan = Plan.change({"_id": plan_id}, {"$set": {
        **kept, "provider": provider.to_mongo(), "updated_at": clock.now(),
        "on_sale": facts.get("is_active", known.is_active) and provider.is_active}})
    if plan is None:
        raise NotFound
    return plan


def _provider_copy(provider_id: int) -> PlanProvider:
    provider = _touched(provider_id, {})
    if provider is None:
        raise Invalid.field("provider_id", "Provider not found")
    return PlanProvider(id=provider.id, title=provider.title, is_active=provider.is_active)


def _touched(provider_id: int, facts: dict) -> Provider | None:
    # A write even when nothing changes: a plan made while its provider is renamed or closed must start over.
    return Provider.change({"_id": provider_id}, {"$set": {**facts, "updated_at": clock.now()}})


def _taken(field: str) -> Invalid:
    return Invalid.field(field, f"This {field} is already in use.")

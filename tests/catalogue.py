"""Plans for tests, and the shortest way to buy one."""
from documents import money
from documents.plans import Plan
from documents.recharges import Recharge
from documents.users import User
from services import catalogue, recharges

PHONE = "+919812345678"


def plan(price: str = "199.00", *, identifier: str = "AIR_TEST", provider: int | None = None) -> Plan:
    """One plan of a new provider (or of `provider`) at `price`."""
    provider_id = provider or catalogue.create_provider(title=f"Network of {identifier}").id
    return catalogue.create_plan(provider_id=provider_id, title=f"{identifier} plan", description="Calls",
                                 identifier=identifier, amount=money.parse(price), validity=28)


def buy(user: User, article: Plan, *, key: str | None = None, phone: str = PHONE) -> Recharge:
    """One recharge, as the service answers it."""
    return recharges.purchase(
        user=user, plan_id=article.id, phone_number=phone, payment_method="wallet", key=key).recharge

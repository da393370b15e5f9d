"""Plans for tests, and the shortest way to buy one."""
from documents import clock, money
from documents.margins import Margin
from documents.plans import Plan
from documents.recharges import Recharge
from documents.users import User
from services import catalogue, recharges
from tests.people import People

PHONE = "+919812345678"


def plan(price: str = "199.00", *, identifier: str = "AIR_TEST", provider: int | None = None) -> Plan:
    """One plan of a new provider (or of `provider`) at `price`."""
    provider_id = provider or catalogue.create_provider(title=f"Network of {identifier}").id
    return catalogue.create_plan(provider_id=provider_id, title=f"{identifier} plan", description="Calls",
                                 identifier=identifier, amount=money.parse(price), validity=28)


def give_margin(user: User, basis_points: int) -> None:
    """The user's first margin, as an admin would set it."""
    now = clock.now()
    Margin(id=user.id, basis_points=basis_points, set_by=1, created_at=now, updated_at=now).create()


def earning_chain(people: People) -> tuple[User, User]:
    """A distributor that earns a tenth of what its retailer spends, and the retailer with 1000.00."""
    distributor = people.distributor()
    retailer = people.retailer(parent=distributor)
    people.fund(retailer, 100_000)
    give_margin(distributor, 1_000)
    return distributor, retailer


def buy(user: User, article: Plan, *, key: str | None = None, phone: str = PHONE) -> Recharge:
    """One recharge, as the service answers it."""
    return recharges.purchase(
        user=user, plan_id=article.id, phone_number=phone, payment_method="wallet", key=key).recharge
